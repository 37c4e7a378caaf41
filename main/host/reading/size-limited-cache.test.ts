import { describe, expect, it } from 'vitest';
import { createSizeLimitedCache } from './size-limited-cache.ts';

describe('size-limited cache', () => {
  it('lets go of what was not used for longest', () => {
    const cache = createSizeLimitedCache<number>(80);
    for (let index = 0; index < 8; index += 1) cache.set(`k${index}`, index, 10);
    expect(cache.get('k0')).toBe(0); // used: k1 is the oldest now
    cache.set('k8', 8, 10);
    expect(['k0', 'k1', 'k2', 'k8'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 8]);
  });

  it('counts a replaced value once', () => {
    const cache = createSizeLimitedCache<number>(80);
    cache.set('other', 0, 10);
    for (let index = 0; index < 100; index += 1) cache.set('same', index, 10);
    expect([cache.get('other'), cache.get('same')]).toEqual([0, 99]);
  });

  it('does not empty itself for one giant', () => {
    const cache = createSizeLimitedCache<number>(80);
    cache.set('small', 1, 1);
    cache.set('giant', 2, 11);
    expect([cache.get('small'), cache.get('giant')]).toEqual([1, undefined]);
  });

  it('drops the old value of a key whose new one is too large', () => {
    const cache = createSizeLimitedCache<number>(80);
    cache.set('key', 1, 1);
    cache.set('key', 2, 81);
    expect(cache.get('key')).toBeUndefined();
  });
});
