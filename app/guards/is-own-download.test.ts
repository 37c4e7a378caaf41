import { describe, expect, it } from 'vitest';
import { isOwnDownload } from './is-own-download.ts';

describe('isOwnDownload', () => {
  it('lets content of a one-time address and pictures made by the page through', () => {
    expect(isOwnDownload('app://bundle/blob/save/ticket')).toBe(true);
    expect(isOwnDownload('blob:app://bundle/8a0a3c0e')).toBe(true);
  });

  it.each([
    'app://bundle/',
    'app://bundle/assets/main.js',
    'app://other/blob/save/ticket',
    'https://evil.example/blob/save/ticket',
    'blob:https://evil.example/1',
    'blob:null/1',
    'data:application/octet-stream,x',
    'file:///etc/passwd',
    'blob:app://bundle.evil.example/1',
    '',
  ])('refuses %s', (address) => {
    expect(isOwnDownload(address)).toBe(false);
  });
});
