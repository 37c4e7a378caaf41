import { describe, expect, it } from 'vitest';
import type { TargetWriter } from '../../content/target-writer.ts';
import { blobOf, noise } from '../../testing/blob-sources.ts';
import { repositoryIn } from '../../testing/content-script.ts';
import { always, openTestRegistry, passwordCredentials, quietSignal } from '../../testing/open-registry.ts';
import { basic, failureOf, startPushWorld, type PushWorld } from '../../testing/token-world.ts';
import { artifactOf } from '../../testing/write-small-graph.ts';

const MIB = 1024 * 1024;
const signal = quietSignal();

async function writerFor({ registry }: PushWorld): Promise<TargetWriter> {
  const { registry: opened } = openTestRegistry(
    {
      host: registry.host,
      plainHttp: true,
      credentials: always(passwordCredentials('me', 'canary-password')),
    },
    { uploads: { wholeLimit: MIB, chunkLimit: MIB } },
  );
  const writer = await opened.repository('team/app').openWriter?.({ signal });
  if (writer === undefined) throw new Error('It can be written to.');
  return writer;
}

// Check 41 of the reliability bar, the upload's side of it.
describe('tokens that end while content is on its way', () => {
  it.each([1, 2, 3, 4, 5])('after %i requests are renewed, and no part goes back', async (uses) => {
    const world = await startPushWorld(uses);
    const writer = await writerFor(world);
    const blob = blobOf(noise(5.5 * MIB, 21));
    const { sent } = await writer.writeBlob(blob.descriptor, blob.source, { signal });
    const stored = repositoryIn(world.content, 'team/app').blobs.get(blob.descriptor.digest);
    expect(Buffer.from(stored ?? []).equals(noise(5.5 * MIB, 21))).toBe(true);
    const starts = world.registry.requests.flatMap(({ headers }) =>
      headers['content-range'] === undefined ? [] : [Number.parseInt(headers['content-range'], 10)],
    );
    expect(starts).toEqual([...starts].sort((left, right) => left - right));
    // A part that was refused for its token is all that is sent twice.
    expect(sent).toBeLessThanOrEqual(5.5 * MIB + (starts.length - 6) * MIB);
    expect(world.uploads.open.size).toBe(0);
    // One sign-in for each token that ended, by the account, at its own token server.
    expect(world.tokens.requests.length).toBeLessThanOrEqual(
      Math.ceil(world.registry.requests.length / uses) + 1,
    );
    expect(new Set(world.tokens.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set([basic('me', 'canary-password')]),
    );
  });

  it('are fetched by one of many writers at a time', async () => {
    const world = await startPushWorld(100);
    const writer = await writerFor(world);
    const blobs = Array.from({ length: 200 }, (_unused, index) => blobOf(noise(3000, index + 1)));
    await Promise.all(
      blobs.map(({ descriptor, source }) => writer.writeBlob(descriptor, source, { signal })),
    );
    expect(repositoryIn(world.content, 'team/app').blobs.size).toBe(200);
    expect(world.tokens.requests.length).toBeGreaterThan(3);
    expect(world.tokens.mostAtOnce).toBe(1);
  });

  it('serve manifests, tags and deletions as well', async () => {
    const world = await startPushWorld(2);
    const writer = await writerFor(world);
    const { descriptors } = await writer.writeManifests([{ ...artifactOf([]), tags: ['a', 'b', 'c'] }], {
      signal,
    });
    const [descriptor] = descriptors;
    if (descriptor === undefined) throw new Error('One manifest was written.');
    await writer.untag?.('b', { signal });
    expect([...repositoryIn(world.content, 'team/app').tags.keys()]).toEqual(['a', 'c']);
    await writer.removeManifest?.(descriptor, { signal });
    expect(repositoryIn(world.content, 'team/app').manifests.size).toBe(0);
  });
});

describe('scopes', () => {
  it('ask for reading and pushing together, so that one token does', async () => {
    const world = await startPushWorld(1000);
    const writer = await writerFor(world);
    const blob = blobOf(noise(2 * MIB, 3));
    await writer.writeBlob(blob.descriptor, blob.source, { signal });
    await writer.writeManifests([artifactOf([blob.descriptor])], { signal });
    expect(world.tokens.requests.map(({ query }) => query.getAll('scope'))).toEqual([
      ['repository:team/app:pull,push'],
    ]);
  });

  it('of a mount include reading the other repository', async () => {
    const world = await startPushWorld(1000);
    const blob = blobOf(noise(100, 3));
    repositoryIn(world.content, 'team/base').blobs.set(blob.descriptor.digest, noise(100, 3));
    const writer = await writerFor(world);
    const from = { place: `registry:${world.registry.host}`, repository: 'team/base' };
    expect(await writer.mountBlob?.(blob.descriptor, from, { signal })).toBe(true);
    expect(world.tokens.requests.at(-1)?.query.getAll('scope')).toEqual([
      'repository:team/app:pull,push',
      'repository:team/base:pull',
    ]);
  });

  it('that are not granted end with one clear refusal', async () => {
    const world = await startPushWorld(0);
    const writer = await writerFor(world);
    const blob = blobOf(noise(100, 3));
    const failure = await failureOf(writer.writeBlob(blob.descriptor, blob.source, { signal }));
    expect(failure).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(JSON.stringify(failure)).not.toContain('canary');
    expect(world.registry.requests.length).toBeLessThanOrEqual(2);
  });
});
