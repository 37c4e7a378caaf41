/** The scheme of the window's own pages: standard and secure, and not a file. */
export const PAGE_SCHEME = 'app';

/** The one host of the scheme. */
const PAGE_HOST = 'bundle';

/** The window's origin as Chromium spells it (Node's URL knows no origin of such a scheme). */
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`;

/** Where the window begins. */
export const PAGE_ADDRESS = `${PAGE_ORIGIN}/`;

/** True for an address of the window itself: exactly its scheme and host, without port, user or password. */
export function isPageAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  return protocol === `${PAGE_SCHEME}:` && host === PAGE_HOST && username === '' && password === '';
}

/** The path of an address of the window as it came, neither decoded nor normalised; undefined for every other address. */
export function pathOfPageAddress(address: string): string | undefined {
  if (!isPageAddress(address)) return undefined;
  return /^[^#?]*/.exec(address.slice(PAGE_ADDRESS.length - 1))?.[0];
}
