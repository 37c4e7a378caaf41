import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.ts';

/** `localhost`, names below it, and the loopback addresses, with any port: forwarded ports have another one. */
const LOOPBACK_HOST =
  /^(?:localhost|(?:[a-z0-9-]{1,63}\.){1,4}localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Lets only clients of this machine in that are no pages in a browser (reliability bar, W3 and W6): a page of somebody's web
 * site could otherwise read and change the registry, by a host name that is turned to 127.0.0.1 or by a form. Clients of the
 * distribution API send no `Origin`.
 * @param token - what a client must know, as `Bearer TOKEN`, or as the password of `Basic` with any user name.
 * @throws Refusal
 */
export function passGate(request: IncomingMessage, token: string | undefined): void {
  const { host, origin, authorization } = request.headers;
  if (host === undefined || !LOOPBACK_HOST.test(host))
    throw new Refusal(421, 'DENIED', 'This registry answers to localhost and loopback addresses only.');
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined || (site !== undefined && site !== 'none'))
    throw new Refusal(403, 'DENIED', 'This registry does not answer to web pages.');
  if (token === undefined || knowsToken(authorization, token)) return;
  throw new Refusal(
    401,
    'UNAUTHORIZED',
    'This registry wants its token: log in with any user name and the token as password.',
    {
      headers: { 'WWW-Authenticate': 'Basic realm="Tallyman", charset="UTF-8"' },
    },
  );
}

function knowsToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').trim().split(/ +/, 2);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return isSame(value, token);
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString();
      const colon = pair.indexOf(':');
      return colon !== -1 && isSame(pair.slice(colon + 1), token);
    }
    default:
      return false;
  }
}

/** In a time that says nothing about where the texts differ, nor about their lengths. */
function isSame(given: string, kept: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(kept));
}
