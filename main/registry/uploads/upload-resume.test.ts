import { describe, expect, it } from 'vitest';
import { noise } from '../../testing/blob-sources.ts';
import { repositoryIn } from '../../testing/content-script.ts';
import { quietSignal } from '../../testing/open-registry.ts';
import { failureOf } from '../../testing/token-world.ts';
import {
  BLOB,
  MIB,
  nth,
  write,
  startUploadWorld as start,
  type UploadWorld as World,
} from '../../testing/upload-world.ts';

describe('stopping', () => {
  it('tells the registry to forget the upload, at any moment', async () => {
    for (let stopAt = 1; stopAt <= 6; stopAt += 1) {
      const controller = new AbortController();
      let count = 0;
      const world = await start((request) => {
        if (request.method === 'HEAD' || request.method === 'DELETE') return undefined;
        count += 1;
        if (count === stopAt) controller.abort();
        return undefined;
      });
      const error = await failureOf(write(world, BLOB, { signal: controller.signal }));
      expect(error.code).toBe('CANCELLED');
      // What the registry opened without being able to tell us is beyond anybody's reach.
      if (stopAt > 1 && stopAt < 6) expect(world.uploads.open.size).toBe(0);
    }
  });

  it('leaves nothing open when it is told to stop before it begins', async () => {
    const world = await start();
    const stopped = AbortSignal.abort();
    expect(await failureOf(write(world, BLOB, { signal: stopped }))).toMatchObject({ code: 'CANCELLED' });
    expect(world.requests).toEqual([]);
  });

  it('does not wait long for a registry that does not answer the cancelling', async () => {
    const controller = new AbortController();
    const world = await start((request) => {
      if (request.method === 'PATCH') controller.abort();
      return request.method === 'DELETE' ? { status: 500 } : undefined;
    });
    expect(await failureOf(write(world, BLOB, { signal: controller.signal }))).toMatchObject({
      code: 'CANCELLED',
    });
    expect(world.methods().filter((method) => method === 'DELETE')).toHaveLength(1);
  });
});

describe('going on in another process', () => {
  async function interrupted(after: number): Promise<{ world: World; state: string }> {
    const controller = new AbortController();
    const states: string[] = [];
    const world = await start(
      nth('PATCH', after, () => {
        controller.abort();
        return { reset: true };
      }),
    );
    const options = { signal: controller.signal, onResumable: (state: string) => states.push(state) };
    await failureOf(write(world, BLOB, options));
    const state = states.at(-1);
    if (state === undefined) throw new Error('It can be continued.');
    return { world, state };
  }

  it('sends only what the registry does not have', async () => {
    const { world, state } = await interrupted(3);
    expect(world.uploads.open.size).toBe(1);
    const progress: number[] = [];
    const written = await write({ writer: await world.again() }, BLOB, {
      resume: state,
      onProgress: (count) => progress.push(count),
    });
    expect(written).toEqual({ outcome: 'stored', sent: 1.5 * MIB });
    expect(progress[0]).toBe(2 * MIB);
    expect(world.stored(BLOB)?.equals(noise(3.5 * MIB, 11))).toBe(true);
    expect(world.uploads.open.size).toBe(0);
  });

  it('begins anew when the upload is gone, or the state is not ours', async () => {
    for (const change of [
      (state: string) => state.replace('/uploads/upload-1', '/uploads/upload-9'),
      (state: string) => state.replace('"path":"/', '"path":"//attacker.test/'),
      (state: string) => state.replace('"path":"/', '"path":"http://attacker.test/'),
      (state: string) => state.replace('"size":', '"size":1'),
      (state: string) => state.replace('team/app', 'team/other'),
      () => '{"upload":1}',
      () => 'null',
      () => '{{{',
      () => 'x'.repeat(100_000),
    ]) {
      const { world, state } = await interrupted(2);
      const changed = change(state);
      expect(changed).not.toBe(state);
      const written = await write({ writer: await world.again() }, BLOB, { resume: changed });
      expect(written).toEqual({ outcome: 'stored', sent: 3.5 * MIB });
    }
  });

  it('begins anew, once, when what the registry has was of another version of the content', async () => {
    const { world, state } = await interrupted(3);
    const [id] = world.uploads.open.keys();
    (world.uploads.open as Map<string, Buffer>).set(id ?? '', Buffer.alloc(2 * MIB));
    const written = await write({ writer: await world.again() }, BLOB, { resume: state });
    expect(written.sent).toBe(1.5 * MIB + 3.5 * MIB);
    expect(world.stored(BLOB)?.equals(noise(3.5 * MIB, 11))).toBe(true);
    expect(world.uploads.open.size).toBe(0);
  });

  it('or is given up: the registry forgets the upload, and nothing fails when it has done so already', async () => {
    const { world, state } = await interrupted(2);
    const writer = await world.again();
    await writer.forgetUpload?.(state, { signal: quietSignal() });
    expect(world.uploads.open.size).toBe(0);
    await writer.forgetUpload?.(state, { signal: quietSignal() });
    await writer.forgetUpload?.('nonsense', { signal: quietSignal() });
  });

  it('keeps no secret and no host to go to in the state', async () => {
    const { state } = await interrupted(2);
    expect(state).not.toContain('http');
    expect(Object.keys(JSON.parse(state) as object).sort()).toEqual(
      ['chunkMinimum', 'digest', 'host', 'path', 'repository', 'size', 'upload'].sort(),
    );
  });
});

describe('mounting', () => {
  const here = (world: World, repository: string) =>
    world.writer.mountBlob?.(
      BLOB.descriptor,
      { place: `registry:${world.requests[0]?.host ?? ''}`, repository },
      { signal: quietSignal() },
    );

  it('takes a blob from a repository of the same registry', async () => {
    const world = await start();
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    repositoryIn(world.content, 'other').blobs.set(BLOB.descriptor.digest, noise(3.5 * MIB, 11));
    expect(await here(world, 'other')).toBe(true);
    expect(await write(world, BLOB)).toEqual({ outcome: 'present', sent: 0 });
    expect(world.methods()).toEqual(['POST']);
  });

  it('uses the upload that is opened instead, and cancels it when nobody writes', async () => {
    const world = await start();
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(world, 'other')).toBe(false);
    expect(world.uploads.open.size).toBe(1);
    await write(world, BLOB);
    expect(world.methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH', 'PUT']);

    const unused = await start();
    await unused.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(unused, 'other')).toBe(false);
    await unused.writer.close();
    expect(unused.uploads.open.size).toBe(0);
  });

  it.each([400, 404, 405, 403, 500])('is no failure when it is answered %i', async (status) => {
    const world = await start((request) => (request.query.has('mount') ? { status } : undefined));
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(world, 'other')).toBe(false);
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });

  it('asks nothing for another registry', async () => {
    const world = await start();
    const from = { place: 'registry:elsewhere.test', repository: 'other' };
    expect(await world.writer.mountBlob?.(BLOB.descriptor, from, { signal: quietSignal() })).toBe(false);
    expect(world.requests).toEqual([]);
  });
});
