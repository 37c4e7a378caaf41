import { describe, expect, it, vi } from 'vitest';
import { openSession } from './session.ts';
import type { SessionSurroundings } from './session.ts';

const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA';

function surroundings(
  hash: string,
  answer: Response | Error,
  kept?: string,
): SessionSurroundings & { readonly hashes: string[]; readonly store: Map<string, string> } {
  const hashes: string[] = [];
  const store = new Map<string, string>(kept === undefined ? [] : [['tallyman.bearer', kept]]);
  return {
    hash,
    hashes,
    store,
    replaceHash: (next) => hashes.push(next),
    storage: {
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => store.set(key, value),
      removeItem: (key) => store.delete(key),
    },
    fetch: vi.fn(() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer))),
  };
}

describe('the session of a browser tab', () => {
  it('swaps the secret of the address for a bearer, and takes it out of the address first', async () => {
    const tab = surroundings(`#t=${SECRET}`, Response.json({ bearer: 'the-bearer' }));
    await expect(openSession(tab)).resolves.toBe('the-bearer');
    expect(tab.hashes).toEqual(['#/']);
    expect(tab.fetch).toHaveBeenCalledWith(
      '/session',
      expect.objectContaining({ method: 'POST', body: JSON.stringify({ secret: SECRET }) }),
    );
    expect(tab.store.get('tallyman.bearer')).toBe('the-bearer');
  });

  it('goes on after a reload with the bearer that the tab keeps, without asking', async () => {
    const tab = surroundings('#/source/local', new Error('not to be called'), 'kept');
    await expect(openSession(tab)).resolves.toBe('kept');
    expect(tab.fetch).not.toHaveBeenCalled();
    expect(tab.hashes).toEqual([]);
  });

  it('prefers a fresh secret to a kept bearer, which belongs to a host that may be gone', async () => {
    const tab = surroundings(`#t=${SECRET}`, Response.json({ bearer: 'new' }), 'old');
    await expect(openSession(tab)).resolves.toBe('new');
  });

  it.each([
    ['refused', new Response('', { status: 401 })],
    ['not answered', new Error('connection refused')],
  ])(
    'is refused with the next step when the secret is %s, and forgets the bearer of before',
    async (_what, answer) => {
      const tab = surroundings(`#t=${SECRET}`, answer, 'old');
      await expect(openSession(tab)).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        hint: expect.stringContaining('npm start'),
      });
      expect(tab.store.size).toBe(0);
    },
  );

  it('is refused without a secret and without a bearer', async () => {
    await expect(openSession(surroundings('', new Error('not to be called')))).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });
});
