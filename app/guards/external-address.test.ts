import { describe, expect, it } from 'vitest';
import { EXTERNAL_ADDRESS_LIMIT, externalAddress } from './external-address.ts';

describe('externalAddress', () => {
  it('takes https and shows its host in ASCII', () => {
    expect(externalAddress('https://docs.example/a?b#c')).toEqual({
      host: 'docs.example',
      href: 'https://docs.example/a?b#c',
    });
    expect(externalAddress('https://dосs.example/')?.host).toBe('xn--ds-fmcm.example'); // Cyrillic letters
  });

  it.each([
    'http://docs.example/',
    'file:///etc/passwd',
    'smb://host/share',
    '\\\\host\\share',
    '//host/share',
    'javascript:alert(1)',
    'data:text/html,x',
    'ms-settings:',
    'ms-msdt:/id',
    'search-ms:query=x',
    'vbscript:x',
    'app://bundle/',
    'mailto:someone@example',
    'tel:1',
    'steam://run',
    'ssh://host',
    'https://user@docs.example/',
    'https://user:word@docs.example/',
    'https://',
    '',
    'docs.example',
    'https:// docs.example',
    `https://docs.example/${'x'.repeat(EXTERNAL_ADDRESS_LIMIT)}`,
    `https://docs.example/${'ü'.repeat(EXTERNAL_ADDRESS_LIMIT / 3)}`,
  ])('refuses %s', (address) => {
    expect(externalAddress(address)).toBeUndefined();
  });
});
