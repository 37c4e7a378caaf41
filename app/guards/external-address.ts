/** Longest address that is handed to the system's browser, in characters. */
export const EXTERNAL_ADDRESS_LIMIT = 2048;

/**
 * An address that may be offered to the system's browser: https only, without user and password, not overlong (reliability bar, F6). What a
 * registry or a document says is never opened without the person seeing the host, spelled in ASCII.
 *
 * @returns its host (in punycode) and its normalised spelling, or undefined when it is refused
 */
export function externalAddress(
  address: string,
): { readonly host: string; readonly href: string } | undefined {
  if (address.length > EXTERNAL_ADDRESS_LIMIT || !URL.canParse(address)) return undefined;
  const { protocol, host, href, username, password } = new URL(address);
  if (
    protocol !== 'https:' ||
    username !== '' ||
    password !== '' ||
    host === '' ||
    href.length > EXTERNAL_ADDRESS_LIMIT
  )
    return undefined;
  return { host, href };
}
