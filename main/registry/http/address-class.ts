import { isIPv4, isIPv6 } from 'node:net';

/** Where an IP address lies, as far as it matters for whether a registry may send us there (reliability bar, A6). */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'link-local'
  | 'private'
  | 'unspecified'
  | 'multicast'
  /** Set aside for documentation, benchmarks or the future; nothing public answers there. */
  | 'reserved';

/**
 * The class of an IP address in text form, with or without an IPv6 zone. IPv6 forms that carry an IPv4 address
 * (mapped, compatible, NAT64, 6to4) have the class of that address, so that no spelling of 127.0.0.1 is public. What
 * is no address at all is `reserved`.
 */
export function classifyAddress(address: string): AddressClass {
  const [bare = ''] = address.split('%');
  if (isIPv4(bare)) return classifyIpv4(bare.split('.').map(Number));
  if (isIPv6(bare)) return classifyIpv6(ipv6Words(bare));
  return 'reserved';
}

/** The address a URL's host is, without brackets; undefined where the host is a name. */
export function addressOfHost(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  // Every request asks; the long pattern of IPv6 is only tried on what has its colons.
  return isIPv4(bare) || (bare.includes(':') && isIPv6(bare)) ? bare : undefined;
}

/**
 * True for names and addresses that mean this machine: `localhost` and the names below it (RFC 6761), 127.0.0.0/8,
 * ::1.
 */
export function isLoopbackHost(hostname: string): boolean {
  const address = addressOfHost(hostname);
  if (address !== undefined) return classifyAddress(address) === 'loopback';
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

type Range = readonly [first: readonly number[], bits: number, addressClass: AddressClass];

const IPV4_RANGES: readonly Range[] = [
  [[0, 0, 0, 0], 8, 'unspecified'],
  [[10, 0, 0, 0], 8, 'private'],
  [[100, 64, 0, 0], 10, 'private'], // shared by carriers (RFC 6598)
  [[127, 0, 0, 0], 8, 'loopback'],
  [[169, 254, 0, 0], 16, 'link-local'],
  [[172, 16, 0, 0], 12, 'private'],
  [[192, 0, 0, 0], 24, 'reserved'],
  [[192, 0, 2, 0], 24, 'reserved'],
  [[192, 168, 0, 0], 16, 'private'],
  [[198, 18, 0, 0], 15, 'reserved'],
  [[198, 51, 100, 0], 24, 'reserved'],
  [[203, 0, 113, 0], 24, 'reserved'],
  [[224, 0, 0, 0], 4, 'multicast'],
  [[240, 0, 0, 0], 4, 'reserved'],
];

function classifyIpv4(bytes: readonly number[]): AddressClass {
  return IPV4_RANGES.find(([first, bits]) => sharesPrefix(bytes, first, bits, 8))?.[2] ?? 'public';
}

const IPV6_RANGES: readonly Range[] = [
  [[0x64, 0xff9b, 1], 48, 'private'], // local NAT64 (RFC 8215)
  [[0x100], 64, 'reserved'], // discard
  [[0x2001, 0], 32, 'reserved'], // Teredo
  [[0x2001, 0xdb8], 32, 'reserved'],
  [[0xfc00], 7, 'private'],
  [[0xfe80], 10, 'link-local'],
  [[0xfec0], 10, 'private'], // site-local
  [[0xff00], 8, 'multicast'],
];

function classifyIpv6(words: readonly number[]): AddressClass {
  if (words.every((word) => word === 0)) return 'unspecified';
  if (words.slice(0, 7).every((word) => word === 0) && words[7] === 1) return 'loopback';
  const carried = carriedIpv4(words);
  if (carried !== undefined) return classifyIpv4(carried);
  return IPV6_RANGES.find(([first, bits]) => sharesPrefix(words, first, bits, 16))?.[2] ?? 'public';
}

/** The IPv4 address inside ::/96, ::ffff:0:0/96, 64:ff9b::/96 and 2002::/16. */
function carriedIpv4(words: readonly number[]): readonly number[] | undefined {
  const [w0 = 0, w1 = 0, w2 = 0, , , w5 = 0, w6 = 0, w7 = 0] = words;
  if (w0 === 0x2002) return [w1 >> 8, w1 & 255, w2 >> 8, w2 & 255];
  const last = [w6 >> 8, w6 & 255, w7 >> 8, w7 & 255];
  const zerosBetween = words.slice(2, 5).every((word) => word === 0);
  if (w0 === 0x64 && w1 === 0xff9b && zerosBetween && w5 === 0) return last;
  if (w0 === 0 && w1 === 0 && zerosBetween && (w5 === 0 || w5 === 0xffff)) return last;
  return undefined;
}

function sharesPrefix(
  parts: readonly number[],
  first: readonly number[],
  bits: number,
  width: number,
): boolean {
  for (let index = 0, left = bits; left > 0; index += 1, left -= width) {
    const shift = Math.max(0, width - left);
    if ((parts[index] ?? 0) >> shift !== (first[index] ?? 0) >> shift) return false;
  }
  return true;
}

/** The eight 16-bit words of a valid IPv6 address. */
function ipv6Words(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const before = wordsOf(head);
  const after = tail === undefined ? [] : wordsOf(tail);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(zeros).fill(0), ...after];
}

function wordsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
