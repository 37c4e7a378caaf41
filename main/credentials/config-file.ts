import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { field, isJsonObject, type JsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import { Secret } from '../registry/auth/secret.ts';
import { trimEndWhile } from '../../shared/text/trim-end-while.ts';

/** What a file says about one registry or namespace. */
export interface AuthEntry {
  readonly username?: string;
  readonly password?: Secret;
  readonly identityToken?: Secret;
  readonly registryToken?: Secret;
}

/** The part of Docker's `config.json` and containers' `auth.json` that is about logging in. */
export interface ConfigFile {
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** Suffix of the helper (`pass`, `ecr-login`) by registry. */
  readonly helpers: ReadonlyMap<string, string>;
  /** Suffix of the helper for every other registry. */
  readonly store: string | undefined;
}

/**
 * Reads a configuration file's bytes. Fields it does not know are ignored, entries of a wrong form are left out.
 *
 * @param path - for texts.
 * @throws TallymanError MALFORMED when it is no JSON object; never with anything out of the file in its text.
 */
export function parseConfigFile(bytes: Uint8Array, path: string): ConfigFile {
  let document: unknown;
  try {
    document = parseStrictJson(bytes);
  } catch {
    throw malformed(path);
  }
  if (!isJsonObject(document)) throw malformed(path);
  const store = field(document, 'credsStore');
  return {
    auths: new Map(
      entriesOf(document, 'auths').flatMap(([key, value]) =>
        isJsonObject(value) ? [[key, readEntry(value)]] : [],
      ),
    ),
    helpers: new Map(
      entriesOf(document, 'credHelpers').flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value]] : [],
      ),
    ),
    store: typeof store === 'string' && store !== '' ? store : undefined,
  };
}

function entriesOf(document: JsonObject, name: string): readonly (readonly [string, unknown])[] {
  const value = field(document, name);
  return isJsonObject(value) ? Object.entries(value) : [];
}

function readEntry(value: JsonObject): AuthEntry {
  const text = (name: string): string | undefined => {
    const found = field(value, name);
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
  const decoded = decodeAuth(text('auth'));
  const username = decoded?.username ?? text('username');
  const password = decoded?.password ?? text('password');
  const identityToken = text('identitytoken');
  const registryToken = text('registrytoken');
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined || password === '' ? {} : { password: new Secret(password) }),
    ...(identityToken === undefined ? {} : { identityToken: new Secret(identityToken) }),
    ...(registryToken === undefined ? {} : { registryToken: new Secret(registryToken) }),
  };
}

/** `auth` is base64 of `user:password`; Docker pads the decoded text with zero bytes. */
function decodeAuth(
  auth: string | undefined,
): { readonly username: string; readonly password: string } | undefined {
  if (auth === undefined) return undefined;
  const text = trimEndWhile(Buffer.from(auth, 'base64').toString('utf8'), (character) => character === '\0');
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function malformed(path: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `${path} is no valid JSON, so no credentials were read from it.`,
    hint: 'Repair the file, or sign in here: that is kept for this run only.',
  });
}
