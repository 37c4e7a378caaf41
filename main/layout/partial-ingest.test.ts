import { appendFile, readdir, readFile, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Digest } from '../../shared/oci/digest.ts';
import { digestOf } from '../content/digest-of.ts';
import { crashStates, seededRandom } from '../testing/crash-states.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { PARTIAL_LIFE_MS } from './clear-leftovers.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { CHECKPOINT_BYTES, type PartialIngest } from './partial-ingest.ts';
import type { ProcessTable } from './process-identity.ts';
import { createLayout } from './write-layout.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

const { signal } = new AbortController();
const content = Buffer.alloc(300_000, 'some content ');
const digest = digestOf(content);

/** Processes are told apart by their boot: those of another one are dead. */
function machine(boot: string): ProcessTable {
  return {
    self: () => Promise.resolve({ pid: 1, place: 'here', bootId: boot }),
    liveness: ({ bootId }) => Promise.resolve(bootId === boot ? 'alive' : 'dead'),
    machineStart: () => Number.POSITIVE_INFINITY,
  };
}

async function newStore(): Promise<{ readonly folder: string; readonly writer: LayoutWriter }> {
  const folder = path.join(await temporaryFolder(), 'store');
  return { folder, writer: await createLayout(folder, { processes: machine('first') }) };
}

const blobFile = (folder: string, blob: Digest): string => path.join(folder, 'blobs', ...blob.split(':'));
const ingestFolder = (folder: string): string => path.join(folder, '.tallyman', 'ingest');

/** Keeps the handle open as long as the test lasts, like a process that stands still. */
function leave(partial: PartialIngest): void {
  onTestFinished(() => partial.abort().catch(() => undefined));
}

describe('PartialIngests', () => {
  it('stores content that comes in pieces, with the digest given first, last, or not at all', async () => {
    const { folder, writer } = await newStore();
    for (const [start, end] of [
      [digest, undefined],
      [undefined, digest],
      [undefined, undefined],
      [undefined, digestOf(content, 'sha512')],
    ] as const) {
      const partial = await writer.partials.start(
        start === undefined ? {} : { digest: start, size: content.byteLength },
      );
      for (let offset = 0; offset < content.byteLength; offset += 70_000)
        await partial.write(content.subarray(offset, offset + 70_000));
      const stored = await partial.commit(end);
      expect(stored).toBe(end ?? digest);
      expect(await readFile(blobFile(folder, stored))).toEqual(content);
    }
    await writer.close();
    expect(await readdir(ingestFolder(folder))).toEqual([]);
  });

  it('goes on in another process where it was let go', async () => {
    const { folder, writer } = await newStore();
    const first = await writer.partials.start({
      digest,
      size: content.byteLength,
      origin: 'registry.example/app',
      etag: '"1"',
    });
    await first.write(content.subarray(0, 100_000));
    await expect(writer.partials.resume(first.id, signal)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await writer.partials.list()).toEqual([]);
    await first.suspend();
    await writer.close();

    const next = await createLayout(folder, { processes: machine('second') });
    expect(await next.partials.list()).toEqual([
      {
        id: first.id,
        offset: 100_000,
        digest,
        size: content.byteLength,
        origin: 'registry.example/app',
        etag: '"1"',
      },
    ]);
    const second = await next.partials.resume(first.id, signal);
    expect(second.size).toBe(100_000);
    await second.write(content.subarray(100_000));
    expect(await second.commit()).toBe(digest);
    expect(await next.partials.list()).toEqual([]);
    await next.close();
  });

  it('takes over what a killed process left, from the last byte that is surely on the disk', async () => {
    const { folder, writer } = await newStore();
    const first = await writer.partials.start({ digest });
    leave(first);
    await first.write(content.subarray(0, 100_000)); // below the next checkpoint: not noted
    const next = await createLayout(folder, { processes: machine('second') });
    const second = await next.partials.resume(first.id, signal);
    expect(second.size).toBe(0);
    await second.write(content);
    expect(await second.commit()).toBe(digest);
    await next.close();
  });

  it(
    'notes how far it came while large content comes',
    async () => {
      const { writer } = await newStore();
      const large = Buffer.alloc(CHECKPOINT_BYTES / 2);
      const partial = await writer.partials.start({});
      leave(partial);
      await partial.write(large);
      await partial.write(large);
      await partial.write(Buffer.from('after the checkpoint'));
      const next = await createLayout(writer.path, { processes: machine('second') });
      // It is noted while more comes: nobody waits for it.
      await vi.waitFor(
        async () =>
          expect((await next.partials.list()).map(({ offset }) => offset)).toEqual([CHECKPOINT_BYTES]),
        { timeout: LONG },
      );
      const resumed = await next.partials.resume(partial.id, signal);
      expect(resumed.size).toBe(CHECKPOINT_BYTES);
      await resumed.abort();
      await next.close();
    },
    LONG,
  );

  it.each([
    ['other bytes', Buffer.concat([content.subarray(1), Buffer.from('x')]), 'DIGEST_MISMATCH'],
    ['fewer bytes', content.subarray(1), 'SIZE_MISMATCH'],
    ['more bytes', Buffer.concat([content, Buffer.from('x')]), 'SIZE_MISMATCH'],
  ])('publishes nothing when %s came', async (_what, bytes, code) => {
    const { folder, writer } = await newStore();
    const partial = await writer.partials.start({ digest, size: content.byteLength });
    const ended = (async () => {
      await partial.write(bytes);
      await partial.commit();
    })();
    await expect(ended).rejects.toMatchObject({ code });
    await partial.abort();
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toEqual([]);
    await writer.close();
    expect(await readdir(ingestFolder(folder))).toEqual([]);
  });

  it('notices a file that was cut or changed behind its back', async () => {
    const { folder, writer } = await newStore();
    const partial = await writer.partials.start({ digest });
    await partial.write(content.subarray(0, 100_000));
    await partial.suspend();
    const data = path.join(ingestFolder(folder), partial.id, 'data');
    await appendFile(data, 'rubbish behind the noted offset');
    const resumed = await writer.partials.resume(partial.id, signal);
    expect(resumed.size).toBe(100_000);
    await resumed.suspend();
    await truncate(data, 50);
    await expect(writer.partials.resume(partial.id, signal)).rejects.toMatchObject({ code: 'MALFORMED' });
    await expect(writer.partials.resume('../../somewhere', signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await writer.close();
  });

  it('are kept for a week and then cleared away', async () => {
    const { folder, writer } = await newStore();
    const [young, old] = [await writer.partials.start({}), await writer.partials.start({})];
    await young.suspend();
    await old.suspend();
    const past = new Date(Date.now() - PARTIAL_LIFE_MS - 60_000);
    for (const name of ['data', 'state.json', '.'])
      await utimes(path.join(ingestFolder(folder), old.id, name), past, past);
    const next = await createLayout(folder, { processes: machine('second') });
    await expect(next.untag('nothing', { signal })).rejects.toMatchObject({ code: 'NOT_FOUND' }); // any change clears up first
    expect((await next.partials.list()).map(({ id }) => id)).toEqual([young.id]);
    await Promise.all([writer.close(), next.close()]);
  });

  it(
    'never trusts bytes that a power failure may have lost',
    async () => {
      const disk = new SimulatedDisk();
      const layout = path.resolve('/disk/store');
      const writer = await createLayout(layout, { fileSystem: disk, processes: machine('first') });
      const partial = await writer.partials.start({ digest });
      await partial.write(content.subarray(0, 100_000));
      await partial.suspend();
      const suspended = disk.events.length;
      const resumed = await writer.partials.resume(partial.id, signal);
      await resumed.write(content.subarray(100_000));
      const random = seededRandom(3);
      for (let length = suspended; length <= disk.events.length; length += 3) {
        for (const crashed of crashStates(disk.events, length, random, 3)) {
          const next = await createLayout(layout, { fileSystem: crashed, processes: machine('second') });
          const again = await next.partials.resume(partial.id, signal);
          expect(again.size).toBe(100_000);
          await again.write(content.subarray(100_000));
          expect(await again.commit()).toBe(digest);
          await next.close();
        }
      }
    },
    LONG,
  );
});
