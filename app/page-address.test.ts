import { describe, expect, it } from 'vitest';
import { isPageAddress, pathOfPageAddress } from './page-address.ts';

describe('isPageAddress', () => {
  it('knows the window by exact scheme and host', () => {
    expect(isPageAddress('app://bundle/')).toBe(true);
    expect(isPageAddress('app://bundle/assets/main.js?x#y')).toBe(true);
  });

  it.each([
    '',
    'bundle',
    'app:bundle',
    'app://bundle.evil.example/',
    'app://bundle:1/',
    'app://user@bundle/',
    'app://user:word@bundle/',
    'app://other/',
    'app://bundle%2f.evil/',
    'apps://bundle/',
    'http://bundle/',
    'https://app//bundle/',
    'file:///bundle/',
    'data:text/html,app://bundle/',
    'javascript:app://bundle/',
    'about:blank',
    'blob:app://bundle/1',
    'view-source:app://bundle/',
    'smb://bundle/',
    '\\\\bundle\\share',
  ])('refuses %s', (address) => {
    expect(isPageAddress(address)).toBe(false);
    expect(pathOfPageAddress(address)).toBeUndefined();
  });
});

describe('pathOfPageAddress', () => {
  it('gives the path as it came', () => {
    expect(pathOfPageAddress('app://bundle/')).toBe('/');
    expect(pathOfPageAddress('app://bundle/assets/main.js?x#y')).toBe('/assets/main.js');
    expect(pathOfPageAddress('app://bundle/%2e%2e/etc')).toBe('/%2e%2e/etc');
  });
});
