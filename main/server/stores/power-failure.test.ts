import fc from 'fast-check';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { ProcessTable } from '../../layout/process-identity.ts';
import { crashStates, seededRandom } from '../../testing/crash-states.ts';
import { SimulatedDisk } from '../../testing/simulated-disk.ts';
import type { ServedOptions, ServedRegistry } from '../served-registry.ts';
import { openLayoutRegistry } from './layout-registry.ts';

/** Milliseconds for a test that opens many layouts, on a machine that is busy with others. */
const LONG = 180_000;

const LAYOUT = path.resolve('/disk/store');
const options: ServedOptions = { signal: new AbortController().signal, note: () => undefined };

/** Every start of the simulated machine is another one: processes of an earlier one are dead. */
function machine(boot: string): ProcessTable {
  return {
    self: () => Promise.resolve({ pid: 1, place: 'here', bootId: boot }),
    liveness: ({ bootId }) => Promise.resolve(bootId === boot ? 'alive' : 'dead'),
    machineStart: () => Number.POSITIVE_INFINITY,
  };
}

function open(disk: SimulatedDisk, boot: string): Promise<ServedRegistry> {
  const { signal } = options;
  const of = { fileSystem: disk, processes: machine(boot) };
  return openLayoutRegistry(LAYOUT, { signal, readOnly: false, create: true, ownName: 'own', ...of });
}

interface Content {
  readonly bytes: Buffer;
  readonly digest: Digest;
}

function contentOf(bytes: Buffer): Content {
  return { bytes, digest: digestOf(bytes) };
}

const BLOBS = ['a', 'b'].map((text) => contentOf(Buffer.alloc(6000, text)));
const IMAGES = BLOBS.map((blob) => {
  const layer = { mediaType: 'a/b', digest: blob.digest, size: blob.bytes.byteLength };
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: layer, layers: [layer] };
  return contentOf(Buffer.from(JSON.stringify(document)));
});

type Step =
  | { readonly what: 'blob'; readonly repository: string; readonly content: number; readonly parts: boolean }
  | { readonly what: 'mount'; readonly repository: string; readonly from: string; readonly content: number }
  | {
      readonly what: 'image';
      readonly repository: string;
      readonly content: number;
      readonly tags: readonly string[];
    }
  | { readonly what: 'untag'; readonly repository: string; readonly tag: string }
  | { readonly what: 'delete-image'; readonly repository: string; readonly content: number }
  | { readonly what: 'delete-blob'; readonly repository: string; readonly content: number };

const repository = fc.constantFrom('own', 'a', 'a/b');
const content = fc.nat({ max: BLOBS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('blob' as const), repository, content, parts: fc.boolean() }),
  fc.record({ what: fc.constant('mount' as const), repository, from: repository, content }),
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('image' as const),
      repository,
      content,
      tags: fc.uniqueArray(fc.constantFrom('v1', 'v2')),
    }),
  },
  fc.record({ what: fc.constant('untag' as const), repository, tag: fc.constantFrom('v1', 'v2') }),
  fc.record({ what: fc.constant('delete-image' as const), repository, content }),
  fc.record({ what: fc.constant('delete-blob' as const), repository, content }),
);

/** Does a step as a client would ask for it. */
async function run(registry: ServedRegistry, done: Step): Promise<void> {
  const writer = registry.repository(done.repository).writer!;
  switch (done.what) {
    case 'blob': {
      const { bytes, digest } = BLOBS[done.content]!;
      const upload = writer.beginUpload(undefined);
      const part = (from: number, to: number) => ({
        open: () => once(bytes.subarray(from, to)),
        length: to - from,
        start: from,
      });
      if (done.parts) await upload.append(part(0, 1000), options.signal);
      await upload.finish(digest, part(done.parts ? 1000 : 0, bytes.byteLength), options.signal);
      return;
    }
    case 'mount':
      await writer.mountBlob(BLOBS[done.content]!.digest, done.from, options);
      return;
    case 'image':
      await writer.putManifest(
        { ...IMAGES[done.content]!, mediaType: MEDIA_TYPES.manifest, tags: done.tags },
        options,
      );
      return;
    case 'untag':
      await writer.deleteTag(done.tag, options);
      return;
    case 'delete-image':
      await writer.deleteManifest(IMAGES[done.content]!.digest, options);
      return;
    case 'delete-blob':
      await writer.deleteBlob(BLOBS[done.content]!.digest, options);
      return;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

/** Everything that a client can see, as facts by name: digests of tags, sizes of manifests and blobs. Content is read whole. */
async function facts(registry: ServedRegistry): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string>();
  for (const name of ['own', 'a', 'a/b']) {
    const from = registry.repository(name);
    for (const tag of ['v1', 'v2'])
      seen.set(`${name}:${tag}`, (await from.resolve(tag, options))?.digest ?? 'none');
    for (const { digest, bytes } of IMAGES) {
      const fetched = await from.fetchManifest(digest, options);
      seen.set(`${name}@${digest}`, fetched === undefined ? 'none' : String(bytes.equals(fetched.bytes)));
    }
    for (const { digest, bytes } of BLOBS) {
      const blob = await from.findBlob(digest, { ...options, keep: false });
      const chunks: Uint8Array[] = [];
      for await (const chunk of blob?.read(undefined, options.signal) ?? []) chunks.push(chunk);
      seen.set(
        `${name}/${digest}`,
        blob === undefined ? 'none' : String(bytes.equals(Buffer.concat(chunks))),
      );
    }
  }
  return seen;
}

describe('a power failure under a served layout', () => {
  it(
    'leaves what was confirmed before, or what was being made of it, of every tag, manifest and blob of every repository',
    async () => {
      let states = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 2, maxLength: 6 }),
          fc.integer(),
          async (steps, seed) => {
            const disk = new SimulatedDisk();
            const registry = await open(disk, 'first');
            const moments = [{ length: disk.events.length, seen: await facts(registry) }];
            for (const each of steps) {
              await run(registry, each);
              moments.push({ length: disk.events.length, seen: await facts(registry) });
            }
            await registry.close();

            const random = seededRandom(seed);
            for (const [position, after] of moments.entries()) {
              const before = moments[position - 1];
              if (before === undefined) continue;
              const stride = 1 + Math.floor((after.length - before.length) / 6);
              for (let length = before.length; length <= after.length; length += stride) {
                const isDone = length === after.length;
                for (const crashed of crashStates(disk.events, length, random, 1)) {
                  states += 1;
                  const again = await open(crashed, 'second');
                  const now = await facts(again);
                  for (const [fact, value] of now) {
                    const allowed = new Set([
                      ...(isDone ? [] : [before.seen.get(fact)]),
                      after.seen.get(fact),
                    ]);
                    expect([fact, [...allowed]]).toEqual([fact, expect.arrayContaining([value])]);
                  }
                  await again.close();
                }
              }
            }
          },
        ),
        { numRuns: 6 },
      );
      expect(states).toBeGreaterThan(300);
    },
    LONG,
  );
});
