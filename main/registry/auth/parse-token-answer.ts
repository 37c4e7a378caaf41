import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import { Secret } from './secret.ts';

/** A bearer token and how long it is good for. */
export interface Token {
  readonly value: Secret;
  /** Milliseconds from when it was received. */
  readonly lifetime: number;
}

/** A token lives at least and at most so long, whatever the server says (bar, A5). Seconds. */
const SHORTEST_LIFETIME = 60;
const LONGEST_LIFETIME = 3600;

/**
 * The token in a token server's answer: `token` or `access_token`, which mean the same (token.md; oauth.md). Without
 * `expires_in` it lives 60 seconds. `issued_at` is not used: clocks differ, and a token that ended early costs one
 * more 401.
 *
 * @param host - the token server, for texts.
 * @throws TallymanError PROTOCOL when there is no token in it.
 */
export function parseTokenAnswer(bytes: Uint8Array, host: string): Token {
  const document = readJson(bytes, host);
  const found = [field(document, 'token'), field(document, 'access_token')].find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  if (found === undefined) throw noToken(host, 'it names no token');
  // The value becomes a header line.
  if (!/^[\x21-\x7e]+$/.test(found)) throw noToken(host, 'the token holds characters that no token has');
  const expires = Number(field(document, 'expires_in') ?? SHORTEST_LIFETIME);
  const seconds = Number.isFinite(expires)
    ? Math.min(LONGEST_LIFETIME, Math.max(SHORTEST_LIFETIME, expires))
    : SHORTEST_LIFETIME;
  return { value: new Secret(found), lifetime: seconds * 1000 };
}

function readJson(bytes: Uint8Array, host: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parseStrictJson(bytes);
  } catch {
    throw noToken(host, 'it is no JSON');
  }
  if (!isJsonObject(document)) throw noToken(host, 'it is no JSON object');
  return document;
}

function noToken(host: string, reason: string): TallymanError {
  return new TallymanError({
    code: 'PROTOCOL',
    message: `The token server ${host} gave an answer without a usable token: ${reason}.`,
    hint: 'Try again; if it stays so, ask whoever runs the registry.',
  });
}
