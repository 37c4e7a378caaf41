import { describe, expect, it } from 'vitest';
import { bytesOfBase64, hexRow } from './hex-rows.ts';

describe('hexRow', () => {
  it('shows offset, bytes and printable text of one row', () => {
    const bytes = new TextEncoder().encode('hello, world! <b>\n');
    expect(hexRow(bytes, 0, 16)).toEqual({
      offset: '00000000',
      hex: '68 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 20 3c 62 ',
      text: 'hello, world! <b',
    });
    expect(hexRow(bytes, 1, 16)).toMatchObject({ offset: '00000010', text: '>.' });
    expect(hexRow(bytes, 2, 8)).toMatchObject({ offset: '00000010', hex: '3e 0a'.padEnd(25), text: '>.' });
  });

  it('shows every byte that is not printable ASCII as a dot', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const text = Array.from({ length: 16 }, (_, row) => hexRow(bytes, row, 16).text).join('');
    expect(text).toHaveLength(256);
    expect(text).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('bytesOfBase64', () => {
  it('gives the bytes, and none for what is no base64', () => {
    expect([...bytesOfBase64('AP8Q')]).toEqual([0, 255, 16]);
    expect([...bytesOfBase64('%%%')]).toEqual([]);
  });
});
