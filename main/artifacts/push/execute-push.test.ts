import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { readAll, verifyBytes } from '../../content/verify-content.ts';
import type { ManifestToWrite, TargetWriter, WriteBlobOptions } from '../../content/target-writer.ts';
import type { CarriedItem } from '../../content/transfer-report.ts';
import { digestOf } from '../../content/digest-of.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { executePush } from './execute-push.ts';
import { planPush, type PushPlan } from './plan-push.ts';

const { signal } = new AbortController();

/** A writer that keeps what it gets in a list, in its order. */
class RecordingWriter implements TargetWriter {
  readonly target = new MemoryPlace().target();
  readonly written: string[] = [];
  readonly options = new Map<string, WriteBlobOptions>();
  running = 0;
  mostRunning = 0;
  readonly #has: ReadonlySet<string>;
  readonly #refuse: ((descriptor: Descriptor) => void) | undefined;

  constructor(
    options: { readonly has?: readonly string[]; readonly refuse?: (descriptor: Descriptor) => void } = {},
  ) {
    this.#has = new Set(options.has);
    this.#refuse = options.refuse;
  }

  hasBlob({ digest }: Descriptor): Promise<boolean> {
    return Promise.resolve(this.#has.has(digest));
  }

  async writeBlob(
    descriptor: Descriptor,
    source: Parameters<TargetWriter['writeBlob']>[1],
    options: WriteBlobOptions,
  ): ReturnType<TargetWriter['writeBlob']> {
    this.options.set(descriptor.digest, options);
    if (this.#has.has(descriptor.digest)) return { outcome: 'present', sent: 0 };
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await pause(1, undefined, { signal: options.signal });
      this.#refuse?.(descriptor);
      const bytes = await readAll(source.open(0, options), 10_000_000);
      verifyBytes(bytes, descriptor);
      options.onProgress?.(bytes.byteLength);
      options.onResumable?.(`state of ${descriptor.digest}`);
      this.written.push(descriptor.digest);
      return { outcome: 'stored', sent: bytes.byteLength };
    } finally {
      this.running -= 1;
    }
  }

  writeManifests(manifests: readonly ManifestToWrite[]): ReturnType<TargetWriter['writeManifests']> {
    const descriptors = manifests.map(({ bytes, mediaType }) => ({
      mediaType,
      digest: digestOf(bytes),
      size: bytes.byteLength,
    }));
    this.written.push(
      ...manifests.map(({ bytes, tags = [] }) => `manifest ${digestOf(bytes)} ${tags.join(',')}`),
    );
    return Promise.resolve({ descriptors, notes: [] });
  }

  tag(): Promise<void> {
    return Promise.resolve();
  }
  finish(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function planOf(...sizes: readonly number[]): Promise<PushPlan & { readonly folder: string }> {
  const folder = await temporaryFolder();
  const files = sizes.map((size, index) => ({ path: path.join(folder, `f${index}`), title: `f${index}` }));
  for (const [index, size] of sizes.entries())
    await writeFile(path.join(folder, `f${index}`), Buffer.alloc(size, index));
  return { ...(await planPush({ files }, { signal })), folder };
}

describe('a push that is carried out', () => {
  it('writes every blob, then the manifest with its tags, and tells how far it is', async () => {
    const plan = await planOf(10, 20, 1_000_000);
    const writer = new RecordingWriter();
    const items: CarriedItem[] = [];
    const progress: number[] = [];
    const outcome = await executePush(plan, writer, {
      signal,
      tags: ['a', 'b'],
      onProgress: (bytes) => progress.push(bytes),
      report: { onItem: (item) => items.push(item) },
    });
    expect(writer.written.at(-1)).toBe(`manifest ${plan.manifest.descriptor.digest} a,b`);
    expect(writer.written.slice(0, -1).sort()).toEqual(
      plan.blobs.map(({ descriptor }) => descriptor.digest).sort(),
    );
    expect(outcome).toEqual({
      descriptor: plan.manifest.descriptor,
      sent: { blobs: 4, bytes: 1_000_032 },
      present: { blobs: 0, bytes: 0 },
      notes: [],
    });
    expect(progress).toEqual(progress.toSorted((left, right) => left - right));
    expect(progress.at(-1)).toBe(plan.totalBytes);
    expect(items.slice(0, 4).map(({ name, state }) => `${name} ${state}`)).toEqual(
      ['config', 'f0', 'f1', 'f2'].map((name) => `${name} waiting`),
    );
    expect(
      items
        .filter(({ state }) => state === 'done')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['config', 'f0', 'f1', 'f2']);
  });

  it('counts what is there already, and sends only the rest', async () => {
    const plan = await planOf(10, 20);
    const writer = new RecordingWriter({ has: [plan.blobs[1]!.descriptor.digest] });
    const outcome = await executePush(plan, writer, { signal });
    expect(outcome).toMatchObject({ sent: { blobs: 2, bytes: 22 }, present: { blobs: 1, bytes: 10 } });
  });

  it('goes on where an earlier run stopped, and passes on what a later one needs', async () => {
    const plan = await planOf(10);
    const writer = new RecordingWriter();
    const states = new Map<string, string>();
    await executePush(plan, writer, {
      signal,
      report: {
        resumeOf: (digest) => `resume ${digest}`,
        onResumable: (digest, state) => states.set(digest, state),
      },
    });
    for (const { descriptor } of plan.blobs) {
      expect(writer.options.get(descriptor.digest)?.resume).toBe(`resume ${descriptor.digest}`);
      expect(states.get(descriptor.digest)).toBe(`state of ${descriptor.digest}`);
    }
  });

  it('writes no manifest when a blob is refused, and says which', async () => {
    const plan = await planOf(10, 20, 30);
    const { digest } = plan.blobs[2]!.descriptor;
    const writer = new RecordingWriter({
      refuse: (descriptor) => {
        if (descriptor.digest === digest)
          throw new TallymanError({ code: 'DENIED', message: 'The quota is used up.' });
      },
    });
    const items: CarriedItem[] = [];
    await expect(
      executePush(plan, writer, { signal, tags: ['v1'], report: { onItem: (item) => items.push(item) } }),
    ).rejects.toMatchObject({ code: 'DENIED' });
    expect(writer.written.filter((line) => line.startsWith('manifest'))).toEqual([]);
    expect(
      items
        .filter(({ state }) => state === 'failed')
        .map(({ name, error }) => `${name} ${error?.code ?? ''}`),
    ).toEqual(['f1 DENIED']);
  });

  it('writes no manifest when a file changed after it was planned', async () => {
    const plan = await planOf(10, 1_000_000);
    await writeFile(path.join(plan.folder, 'f1'), 'something else');
    const writer = new RecordingWriter();
    await expect(executePush(plan, writer, { signal })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('f1') as unknown,
    });
    expect(writer.written.filter((line) => line.startsWith('manifest'))).toEqual([]);
  });

  it('stops when it is told to, with nothing under way and nothing written afterwards', async () => {
    const plan = await planOf(...Array.from({ length: 100 }, (_, index) => index + 1));
    const controller = new AbortController();
    const writer = new RecordingWriter();
    const pushing = executePush(plan, writer, {
      signal: controller.signal,
      report: {
        onItem: ({ state }) => {
          if (state === 'done') controller.abort();
        },
      },
    });
    await expect(pushing).rejects.toMatchObject({ name: 'AbortError' });
    expect(writer.running).toBe(0);
    const { length } = writer.written;
    await pause(20);
    expect(writer.written).toHaveLength(length);
    expect(length).toBeLessThan(100);
  });

  it('sends many small blobs and few large ones at once', async () => {
    const [many, few] = [new RecordingWriter(), new RecordingWriter()];
    await executePush(await planOf(...Array.from({ length: 80 }, (_, index) => index + 1)), many, { signal });
    await executePush(await planOf(...Array.from({ length: 10 }, (_, index) => 300_000 + index)), few, {
      signal,
    });
    expect(many.mostRunning).toBeGreaterThan(8);
    expect(many.mostRunning).toBeLessThanOrEqual(32);
    expect(few.mostRunning).toBeLessThanOrEqual(5); // one small one, the config, beside four large ones
  });
});
