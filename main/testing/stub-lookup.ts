import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Name resolution out of a table; names that are not in it are unknown. Every name that was asked for is in `asked`.
 */
export function stubLookup(table: Readonly<Record<string, readonly string[]>>): {
  readonly lookup: LookupFunction;
  readonly asked: readonly string[];
} {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname);
    const addresses: LookupAddress[] = (table[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const [first] = addresses;
    process.nextTick(() => {
      if (first === undefined) {
        callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '');
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
  return { lookup, asked };
}
