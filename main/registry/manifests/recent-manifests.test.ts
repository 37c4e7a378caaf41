import { expect, it } from 'vitest';
import { digestOf } from '../../content/digest-of.ts';
import type { PushedManifest } from './push-manifest.ts';
import { createRecentManifests } from './recent-manifests.ts';

function manifest(name: string, size = 100): PushedManifest {
  const bytes = Buffer.alloc(size, name);
  return { bytes, descriptor: { mediaType: 'text/plain', digest: digestOf(bytes), size } };
}

it('keeps what was pushed last, by digest and media type, up to 4 MiB', () => {
  const recent = createRecentManifests();
  const [old, large, tooLarge, young] = [
    manifest('old'),
    manifest('large', 4 * 1024 * 1024 - 150),
    manifest('too large', 4 * 1024 * 1024 + 1),
    manifest('young'),
  ];
  for (const one of [old, old, large]) recent.remember(one);
  expect(recent.find(old.descriptor)?.bytes).toBe(old.bytes);
  for (const one of [tooLarge, young]) recent.remember(one);
  expect(
    [old, large, tooLarge, young].map(({ descriptor }) => recent.find(descriptor) !== undefined),
  ).toEqual([false, true, false, true]);
  expect(recent.find({ ...young.descriptor, mediaType: 'text/html' })).toBeUndefined();
});
