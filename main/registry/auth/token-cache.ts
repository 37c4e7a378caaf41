import type { Token } from './parse-token-answer.ts';
import type { Secret } from './secret.ts';
import { createSingleFlight } from './single-flight.ts';

/** Part of a token's life after which a new one is fetched, so that none ends while a request is under way. */
const USED_LIFE = 0.8;

/** Tokens kept for one registry: one per repository looked at. */
const TOKENS_KEPT = 1000;

/** What a token belongs to; two tokens are the same only when all of it is (bar, A10; artifact-keeper#3606). */
export interface TokenKey {
  readonly realm: string;
  readonly service: string;
  /** Sorted. */
  readonly scopes: readonly string[];
  /** `id` of the credentials, undefined for an anonymous token. */
  readonly credentials: string | undefined;
}

/** The tokens of one registry. Each is fetched once however many requests want it. */
export interface TokenCache {
  /** The kept token, or the one `fetch` brings. */
  get(key: TokenKey, signal: AbortSignal, fetch: (signal: AbortSignal) => Promise<Token>): Promise<Secret>;
  /** Forgets a token the registry did not accept; another one kept meanwhile under the same key stays. */
  drop(key: TokenKey, token: Secret): void;
}

/**
 * Makes an empty cache.
 *
 * @param now - a clock in milliseconds that never goes back.
 */
export function createTokenCache(now: () => number = () => performance.now()): TokenCache {
  const kept = new Map<string, { readonly token: Secret; readonly until: number }>();
  const fetching = createSingleFlight<Secret>();
  return {
    async get(key, signal, fetch) {
      const name = nameOf(key);
      const known = kept.get(name);
      if (known !== undefined && known.until > now()) return known.token;
      return fetching.run(name, signal, async (shared) => {
        const { value, lifetime } = await fetch(shared);
        kept.delete(name);
        kept.set(name, { token: value, until: now() + lifetime * USED_LIFE });
        const [oldest] = kept.keys();
        if (kept.size > TOKENS_KEPT && oldest !== undefined) kept.delete(oldest);
        return value;
      });
    },
    drop(key, token) {
      const name = nameOf(key);
      if (kept.get(name)?.token === token) kept.delete(name);
    },
  };
}

function nameOf({ realm, service, scopes, credentials }: TokenKey): string {
  return JSON.stringify([realm, service, scopes, credentials ?? null]);
}
