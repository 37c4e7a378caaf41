import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import { digestOf } from '../content/digest-of.ts';
import type { BlobSource, ManifestToWrite, TargetWriter } from '../content/target-writer.ts';
import { readAll } from '../content/verify-content.ts';
import { LayoutFiles } from '../testing/make-layout.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { LayoutTargetWriter } from './layout-target-writer.ts';
import { ManifestWaves } from './manifest-waves.ts';
import { openLayout } from './open-layout.ts';
import { createLayout, openLayoutForWriting } from './write-layout.ts';

const { signal } = new AbortController();
const LARGE = Buffer.alloc(10 * 1024 * 1024, 'a large blob, ');

function describeBytes(bytes: Uint8Array, mediaType: string = MEDIA_TYPES.layerTar): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/** Counts where it was opened; fails after some bytes where that is wanted. */
function sourceOf(
  bytes: Uint8Array,
  failAt = Number.POSITIVE_INFINITY,
): BlobSource & { readonly opened: number[] } {
  const opened: number[] = [];
  return {
    opened,
    async *open(offset) {
      opened.push(offset);
      for (let start = offset; start < bytes.byteLength; start += 65_536) {
        if (start >= failAt)
          throw new TallymanError({ code: 'UNREACHABLE', message: 'The source went away.' });
        yield await Promise.resolve(bytes.subarray(start, start + 65_536));
      }
    },
  };
}

function manifestOf(layer: Descriptor, fields: object = {}): ManifestToWrite & { descriptor: Descriptor } {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: layer,
      layers: [layer],
      ...fields,
    }),
  );
  return {
    bytes,
    mediaType: MEDIA_TYPES.manifest,
    descriptor: describeBytes(bytes, MEDIA_TYPES.manifest),
  };
}

async function emptyLayout(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'layout');
  await (await createLayout(folder)).close();
  return folder;
}

/** Writes in a layout that is opened for reading, as copying does. */
async function writing<Result>(
  folder: string,
  work: (writer: TargetWriter) => Promise<Result>,
): Promise<Result> {
  const layout = await openLayout(folder, { signal });
  try {
    const writer = await layout.target.openWriter!({ signal });
    try {
      return await work(writer);
    } finally {
      await writer.close();
    }
  } finally {
    await layout.close();
  }
}

async function collect(folder: string): Promise<readonly string[]> {
  const writer = await openLayoutForWriting(folder);
  try {
    const { garbage } = await writer.collectGarbage({ signal, grace: -1 });
    return garbage.map(({ digest }) => digest);
  } finally {
    await writer.close();
  }
}

const code = (error: unknown): string => (error as TallymanError).code;

describe('a layout as a place to write to', () => {
  it('takes blobs, manifests and tags, and its reading side sees them, also after the writer is closed', async () => {
    const folder = await emptyLayout();
    const layout = await openLayout(folder, { signal });
    const writer = await layout.target.openWriter!({ signal });
    const layer = describeBytes(Buffer.from('layer'));
    expect(await writer.hasBlob(layer, { signal })).toBe(false);
    const told: number[] = [];
    expect(
      await writer.writeBlob(layer, sourceOf(Buffer.from('layer')), {
        signal,
        onProgress: (written) => told.push(written),
      }),
    ).toEqual({ outcome: 'stored', sent: 5 });
    expect(told).toEqual([5]);
    const again = sourceOf(Buffer.from('layer'));
    expect(await writer.writeBlob(layer, again, { signal })).toEqual({ outcome: 'present', sent: 0 });
    expect(again.opened).toEqual([]);
    expect(await writer.hasBlob(layer, { signal })).toBe(true);

    const image = manifestOf(layer);
    const written = await writer.writeManifests([{ ...image, tags: ['1.0', 'latest'] }], { signal });
    expect(written).toEqual({ descriptors: [image.descriptor], notes: [] });
    await writer.tag('stable', image.descriptor, { signal });
    await writer.untag!('latest', { signal });
    await writer.finish({ signal });
    await writer.close();

    for (const name of ['1.0', 'stable'])
      expect((await layout.target.fetchManifest(name, { signal })).descriptor.digest).toBe(
        image.descriptor.digest,
      );
    expect(await layout.target.resolve('latest', { signal })).toBeUndefined();
    expect(await readAll(layout.target.readBlob(layer, { signal }), 100)).toEqual(Buffer.from('layer'));
    await layout.close();
  });

  it('lists referrers below their subject, and takes the line away with the manifest', async () => {
    const folder = await emptyLayout();
    const layer = describeBytes(Buffer.from('layer'));
    const subject = manifestOf(layer);
    const notes = [1, 2].map((number) =>
      manifestOf(layer, { subject: subject.descriptor, artifactType: `text/note-${number}` }),
    );
    await writing(folder, async (writer) => {
      await writer.writeBlob(layer, sourceOf(Buffer.from('layer')), { signal });
      await writer.writeManifests([subject], { signal });
      await writer.writeManifests(notes, { signal });
      const fallback = await writer.target.fetchManifest(referrersTag(subject.descriptor.digest), { signal });
      for (const { descriptor } of notes)
        expect(Buffer.from(fallback.bytes).toString()).toContain(descriptor.digest);
      expect(await writer.removeManifest!(notes[0]!.descriptor, { signal })).toEqual({ notes: [] });
      const after = await writer.target.fetchManifest(referrersTag(subject.descriptor.digest), { signal });
      expect(Buffer.from(after.bytes).toString()).not.toContain(notes[0]!.descriptor.digest);
      expect(Buffer.from(after.bytes).toString()).toContain(notes[1]!.descriptor.digest);
      const gone = await writer.removeManifest!(notes[0]!.descriptor, { signal }).catch(code);
      expect(gone).toBe('NOT_FOUND');
    });
  });

  it('protects what it wrote, or said that it has, until it is closed', async () => {
    const folder = await emptyLayout();
    const contents = Array.from({ length: 200 }, (_unused, index) => Buffer.from(`content ${index}`));
    const stray = await writing(folder, async (writer) => {
      await writer.writeBlob(describeBytes(Buffer.from('stray')), sourceOf(Buffer.from('stray')), { signal });
      return describeBytes(Buffer.from('stray'));
    });
    await writing(folder, async (writer) => {
      await Promise.all([
        ...contents.map((bytes) => writer.writeBlob(describeBytes(bytes), sourceOf(bytes), { signal })),
        writer.writeBlob(describeBytes(LARGE), sourceOf(LARGE), { signal }),
      ]);
      expect(await writer.hasBlob(stray, { signal })).toBe(true);
      expect(await collect(folder)).toEqual([]);
      for (const bytes of [...contents, LARGE])
        expect(await writer.target.inspectBlob!(describeBytes(bytes), { signal })).toMatchObject({
          state: 'present',
        });
    });
    expect(await collect(folder)).toHaveLength(202);
    expect(await readdir(path.join(folder, '.tallyman', 'leases'))).toEqual([]);
  });

  it('goes on with a large blob where an earlier run was stopped', async () => {
    const folder = await emptyLayout();
    const descriptor = describeBytes(LARGE);
    const broken = sourceOf(LARGE, 6 * 1024 * 1024);
    await writing(folder, async (writer) => {
      await expect(writer.writeBlob(descriptor, broken, { signal })).rejects.toMatchObject({
        code: 'UNREACHABLE',
      });
      expect(await writer.hasBlob(descriptor, { signal })).toBe(false);
    });
    const rest = sourceOf(LARGE);
    const told: number[] = [];
    await writing(folder, async (writer) => {
      const { outcome, sent } = await writer.writeBlob(descriptor, rest, {
        signal,
        onProgress: (written) => told.push(written),
      });
      expect([outcome, sent]).toEqual(['stored', 4 * 1024 * 1024]);
      const stored = await readAll(writer.target.readBlob(descriptor, { signal }), LARGE.byteLength);
      expect(digestOf(stored)).toBe(descriptor.digest);
    });
    expect(rest.opened).toEqual([6 * 1024 * 1024]);
    expect([told[0], told.at(-1)]).toEqual([6 * 1024 * 1024, LARGE.byteLength]);
    expect(await readdir(path.join(folder, '.tallyman', 'ingest'))).toEqual([]);
  });

  it('stops at once, and keeps what came', async () => {
    const folder = await emptyLayout();
    const stop = new AbortController();
    await writing(folder, async (writer) => {
      const stopped = writer.writeBlob(describeBytes(LARGE), sourceOf(LARGE), {
        signal: stop.signal,
        onProgress: (written) => {
          if (written > 1024 * 1024) stop.abort();
        },
      });
      await expect(stopped).rejects.toThrow();
    });
    const kept = await openLayoutForWriting(folder);
    expect(await kept.partials.list()).toMatchObject([{ digest: digestOf(LARGE), size: LARGE.byteLength }]);
    await kept.close();
  });

  it('forgets a stopped blob that will not be gone on with', async () => {
    const folder = await emptyLayout();
    const states: string[] = [];
    await writing(folder, async (writer) => {
      const stopped = writer.writeBlob(describeBytes(LARGE), sourceOf(LARGE, 1024 * 1024), {
        signal,
        onResumable: (state) => states.push(state),
      });
      expect(await stopped.catch(code)).toBe('UNREACHABLE');
    });
    await writing(folder, async (writer) => {
      for (const state of [...states, ...states, 'nonsense', '../..'])
        await writer.forgetUpload!(state, { signal });
    });
    const left = await openLayoutForWriting(folder);
    expect(await left.partials.list()).toEqual([]);
    await left.close();
  });

  it('begins once more when the bytes of an earlier run were others, and keeps no wrong ones', async () => {
    const folder = await emptyLayout();
    const descriptor = describeBytes(LARGE);
    const other = Buffer.alloc(LARGE.byteLength, 'other');
    await writing(folder, async (writer) => {
      const first = writer.writeBlob(descriptor, sourceOf(other, 5 * 1024 * 1024), { signal });
      expect(await first.catch(code)).toBe('UNREACHABLE');
      const source = sourceOf(LARGE);
      expect((await writer.writeBlob(descriptor, source, { signal })).outcome).toBe('stored');
      expect(source.opened).toEqual([5 * 1024 * 1024, 0]);
    });
    const wrong = Buffer.concat([LARGE.subarray(1), Buffer.from('?')]);
    await writing(await emptyLayout(), async (writer) => {
      expect(await writer.writeBlob(descriptor, sourceOf(wrong), { signal }).catch(code)).toBe(
        'DIGEST_MISMATCH',
      );
      expect(await writer.writeBlob(descriptor, sourceOf(LARGE.subarray(9)), { signal }).catch(code)).toBe(
        'SIZE_MISMATCH',
      );
      const source = sourceOf(LARGE);
      await writer.writeBlob(descriptor, source, { signal });
      expect(source.opened).toEqual([0]);
    });
  });

  it('stores the same large blob once when it is asked for twice', async () => {
    await writing(await emptyLayout(), async (writer) => {
      const sources = [sourceOf(LARGE), sourceOf(LARGE)];
      const outcomes = await Promise.all(
        sources.map((source) => writer.writeBlob(describeBytes(LARGE), source, { signal })),
      );
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['present', 'stored']);
      expect(sources.flatMap(({ opened }) => opened)).toEqual([0]);
    });
  });

  it('is not offered by an archive', async () => {
    const folder = await temporaryFolder();
    const archive = path.join(folder, 'layout.tar');
    await writeFile(archive, new LayoutFiles().toTar());
    const layout = await openLayout(archive, { signal });
    expect(layout.target.openWriter).toBeUndefined();
    await layout.close();
  });

  it('refuses a name that other tools cannot read before anything is written', async () => {
    await writing(await emptyLayout(), async (writer) => {
      const image = manifestOf(describeBytes(Buffer.from('layer')));
      const refused = writer.writeManifests([{ ...image, tags: ['no name'] }], { signal });
      expect(await refused.catch(code)).toBe('INVALID_INPUT');
      expect(await writer.target.resolve(image.descriptor.digest, { signal })).toBeUndefined();
    });
  });

  it('makes a new layout for a copy, which stays when it is closed', async () => {
    const folder = path.join(await temporaryFolder(), 'new');
    const writer = new LayoutTargetWriter(await createLayout(folder));
    await writer.writeManifests([{ ...manifestOf(describeBytes(Buffer.from('x'))), tags: ['1'] }], {
      signal,
    });
    await writer.close();
    const layout = await openLayout(folder, { signal });
    expect((await layout.target.resolve('1', { signal }))?.mediaType).toBe(MEDIA_TYPES.manifest);
    await layout.close();
  });
});

describe('waves of manifests', () => {
  const one = (name: string) => ({ bytes: Buffer.from(name), mediaType: 'text/plain' });

  it('write everything that came during a change in one next change', async () => {
    const puts: string[][] = [];
    const waves = new ManifestWaves(async (manifests) => {
      puts.push(manifests.map(({ bytes }) => Buffer.from(bytes).toString()));
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { descriptors: manifests.map(({ bytes }) => describeBytes(bytes)), notes: [] };
    });
    const written = await Promise.all(['a', 'b', 'c', 'd'].map((name) => waves.write([one(name)], signal)));
    expect(puts).toEqual([['a'], ['b', 'c', 'd']]);
    expect(written.map(({ descriptors }) => descriptors)).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => [describeBytes(Buffer.from(name))]),
    );
  });

  it('let nobody fail for another', async () => {
    const waves = new ManifestWaves(async (manifests) => {
      await Promise.resolve();
      if (manifests.some(({ bytes }) => Buffer.from(bytes).toString() === 'bad')) throw new Error('bad');
      return { descriptors: [], notes: [] };
    });
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'bad', 'c'].map((name) => waves.write([one(name)], signal)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });
});
