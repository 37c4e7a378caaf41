import type { IncomingMessage } from 'node:http';

/** What the gate needs of a request: its first line and its headers as they came, duplicates included. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>;

/** What a request is for; it decides whether it must name its origin. */
type Purpose = 'file' | 'write' | 'socket';

/**
 * Path spellings that other programs read as another path (hono CVE-2026-54286): an encoded separator, NUL or percent, a
 * backslash, a dot segment in any spelling, or an empty segment.
 */
const AMBIGUOUS_PATH = /%(?:2f|5c|00|25)|\\|\/\/|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Characters that stand for themselves in a request target; everything else comes percent-encoded or not at all. */
const PATH = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/;

/**
 * The one check before routing (reliability bar, W3 and W6), for every request and every upgrade: an exact `Host` against
 * DNS rebinding, an origin-form target in one spelling, an exact `Origin` that a write or a socket must name, and
 * the browser's own word on where the request comes from. Whether a request holds a session is checked after it.
 *
 * @param host - exactly what `Host` must say, "127.0.0.1:PORT"
 * @returns the status that refuses the request (to be sent with an empty body), or undefined to let it pass
 */
export function refusal(head: RequestHead, host: string): 400 | 403 | 405 | 421 | undefined {
  const hosts = headerValues(head.rawHeaders, 'host');
  if (hosts.length !== 1 || hosts[0] !== host) return 421;

  const { method = '', url = '' } = head;
  const path = url.split('?', 1)[0] ?? '';
  if (!PATH.test(path) || AMBIGUOUS_PATH.test(path) || !isDecodable(path)) return 400;
  // No CORS: a preflight is a question from somewhere else.
  if (method === 'OPTIONS') return 403;

  const socket = headerValues(head.rawHeaders, 'upgrade').length > 0;
  if (socket ? method !== 'GET' : method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405;
  const purpose: Purpose = socket ? 'socket' : method === 'POST' ? 'write' : 'file';

  const origins = headerValues(head.rawHeaders, 'origin');
  if (origins.length > 1 || (origins.length === 0 && purpose !== 'file')) return 403;
  if (origins.length === 1 && origins[0] !== `http://${host}`) return 403;

  const sites = headerValues(head.rawHeaders, 'sec-fetch-site');
  return sites.every((site) => isFromHere(site, purpose, head)) ? undefined : 403;
}

/**
 * `same-origin` is the page itself; `none` is the person (address bar, bookmark, the terminal's link). A link on another
 * page may only open the window's address as a top-level page of its own: it learns nothing and carries no session.
 */
function isFromHere(site: string, purpose: Purpose, head: RequestHead): boolean {
  if (site === 'same-origin' || site === 'none') return true;
  return (
    purpose === 'file' &&
    head.url === '/' &&
    headerValues(head.rawHeaders, 'sec-fetch-mode').includes('navigate') &&
    headerValues(head.rawHeaders, 'sec-fetch-dest').every((destination) => destination === 'document')
  );
}

/** Every value of one header, from the alternating names and values of `rawHeaders`. */
function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** UTF-8 once decoded, and no control character among it. */
function isDecodable(path: string): boolean {
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}
