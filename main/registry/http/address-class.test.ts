import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOfHost, classifyAddress, isLoopbackHost } from './address-class.ts';

const CLASSES = {
  public: ['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '2606:4700::1111', '64:ff9b::808:808', '2002:808:808::1', '::ffff:8.8.8.8'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '0:0:0:0:0:0:0:1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::ffff:169.254.169.254'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fdff::1', 'fec0::1', '::ffff:10.1.2.3', '64:ff9b::a00:1', '64:ff9b:1::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  reserved: ['192.0.2.1', '198.18.0.1', '203.0.113.7', '240.0.0.1', '255.255.255.255', '2001:db8::1', '2001::1', 'no address', ''],
} as const; // prettier-ignore

describe('address class', () => {
  it.each(Object.entries(CLASSES))('%s', (expected, addresses) => {
    expect(addresses.map((address) => [address, classifyAddress(address)])).toEqual(
      addresses.map((address) => [address, expected]),
    );
  });

  it('is the same for an IPv4 address and every IPv6 spelling that carries it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const high = ((a << 8) | b).toString(16);
        const low = ((c << 8) | d).toString(16);
        const expected = classifyAddress(address);
        expect(classifyAddress(`::ffff:${address}`)).toBe(expected);
        expect(classifyAddress(`::ffff:${high}:${low}`)).toBe(expected);
        expect(classifyAddress(`64:ff9b::${high}:${low}`)).toBe(expected);
        expect(classifyAddress(`2002:${high}:${low}::1`)).toBe(expected);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6()), (text) => typeof classifyAddress(text) === 'string'),
    );
  });
});

describe('loopback host', () => {
  it('knows names and addresses of this machine and no look-alike', () => {
    expect(['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'].map(isLoopbackHost)).toEqual(
      new Array(5).fill(true),
    );
    expect(
      ['localhost.example', 'mylocalhost', '128.0.0.1', '[::2]', 'example.com'].map(isLoopbackHost),
    ).toEqual(new Array(5).fill(false));
  });

  it('takes the brackets off an IPv6 host', () => {
    expect([addressOfHost('[::1]'), addressOfHost('10.0.0.1'), addressOfHost('example.com')]).toEqual([
      '::1',
      '10.0.0.1',
      undefined,
    ]);
  });
});
