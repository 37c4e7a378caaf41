import { describe, expect, it } from 'vitest';
import { quietSignal } from '../../testing/open-registry.ts';
import type { Token } from './parse-token-answer.ts';
import { Secret } from './secret.ts';
import { createTokenCache, type TokenKey } from './token-cache.ts';

const KEY: TokenKey = {
  realm: 'https://a/token',
  service: 's',
  scopes: ['repository:a:pull'],
  credentials: 'one',
};

function token(value: string, lifetime = 60_000): Token {
  return { value: new Secret(value), lifetime };
}

describe('token cache', () => {
  it('fetches one token for many requests at once, and again when four fifths of its life are over', async () => {
    let now = 0;
    let fetched = 0;
    const cache = createTokenCache(() => now);
    const get = (): Promise<Secret> =>
      cache.get(KEY, quietSignal(), () => Promise.resolve(token(`t${++fetched}`)));
    const first = await Promise.all(Array.from({ length: 50 }, get));
    expect([new Set(first.map((secret) => secret.reveal())).size, fetched]).toEqual([1, 1]);
    now = 47_999;
    await get();
    expect(fetched).toBe(1);
    now = 48_000;
    await get();
    expect(fetched).toBe(2);
  });

  it('keeps accounts, realms, services and scopes apart', async () => {
    const cache = createTokenCache();
    const keys: readonly TokenKey[] = [
      KEY,
      { ...KEY, credentials: 'two' },
      { ...KEY, credentials: undefined },
      { ...KEY, realm: 'https://b/token' },
      { ...KEY, service: 't' },
      { ...KEY, scopes: ['repository:b:pull'] },
      { ...KEY, scopes: [] },
    ];
    const got: string[] = [];
    for (const [index, key] of keys.entries()) {
      got.push((await cache.get(key, quietSignal(), () => Promise.resolve(token(`t${index}`)))).reveal());
    }
    expect(got).toEqual(keys.map((_key, index) => `t${index}`));
  });

  it('lets one caller leave without taking the token from the others, and stops when all left', async () => {
    const cache = createTokenCache();
    let aborted = false;
    const fetch = (signal: AbortSignal): Promise<Token> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve(token('late')), 50);
        signal.addEventListener('abort', () => {
          aborted = true;
          clearTimeout(timer);
          reject(new Error('aborted'));
        });
      });
    const leaving = new AbortController();
    const stays = cache.get(KEY, quietSignal(), fetch);
    const leaves = cache.get(KEY, leaving.signal, fetch);
    leaving.abort();
    await expect(leaves).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await stays).reveal()).toBe('late');
    expect(aborted).toBe(false);

    const alone = new AbortController();
    const only = cache.get({ ...KEY, credentials: 'other' }, alone.signal, fetch);
    alone.abort();
    await expect(only).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(aborted).toBe(true);
  });

  it('forgets a refused token, but not a newer one, and never a failure', async () => {
    const cache = createTokenCache();
    await expect(cache.get(KEY, quietSignal(), () => Promise.reject(new Error('down')))).rejects.toThrow(
      'down',
    );
    const old = await cache.get(KEY, quietSignal(), () => Promise.resolve(token('old')));
    cache.drop(KEY, old);
    const fresh = await cache.get(KEY, quietSignal(), () => Promise.resolve(token('new')));
    cache.drop(KEY, old);
    expect((await cache.get(KEY, quietSignal(), () => Promise.resolve(token('newest')))).reveal()).toBe(
      fresh.reveal(),
    );
  });
});
