import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { cosignTag, referrersTag } from '../../../shared/oci/referrers-tag.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { TargetEntry } from '../../content/target.ts';
import { isSound } from '../../layout/check-layout.ts';
import { LayoutTargetWriter } from '../../layout/layout-target-writer.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { faultyFileSystem } from '../../testing/faulty-file-system.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import { memoryWriter } from '../../testing/memory-writer.ts';
import { TAR_END, tarEntry } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { importArchive, type ImportResult } from './import-archive.ts';

const { signal } = new AbortController();

interface Listed {
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

async function listed(location: string): Promise<readonly Listed[]> {
  const layout = await openLayout(location, { signal });
  try {
    const entries: TargetEntry[] = [];
    for await (const page of layout.target.listEntries!({ signal })) entries.push(...page);
    expect(isSound(await layout.check({ signal }))).toBe(true);
    return entries.map(({ tag, descriptor }) => ({ tag, digest: descriptor?.digest }));
  } finally {
    await layout.close();
  }
}

function imageIn(files: LayoutFiles, name: string, fields: object = {}): Descriptor {
  const config = files.blob(JSON.stringify({ author: name }), MEDIA_TYPES.imageConfig);
  const layer = files.blob(name.repeat(1_000), MEDIA_TYPES.layerTar);
  return files.manifest({ config, layers: [layer], ...fields });
}

/** A docker archive with one image, whose only layer has these bytes. */
function dockerArchive(name: string | null, content: string, stored = content): Uint8Array {
  const layer = Buffer.concat([tarEntry({ name: 'file' }, content), TAR_END]);
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs });
  const images = [{ Config: 'config.json', RepoTags: name === null ? null : [name], Layers: ['layer.tar'] }];
  return Buffer.concat([
    tarEntry({ name: 'layer.tar' }, Buffer.concat([tarEntry({ name: 'file' }, stored), TAR_END])),
    tarEntry({ name: 'config.json' }, config),
    tarEntry({ name: 'manifest.json' }, JSON.stringify(images)),
    TAR_END,
  ]);
}

interface World {
  readonly folder: string;
  readonly store: string;
  take(archive: Uint8Array | string): Promise<ImportResult>;
}

async function world(): Promise<World> {
  const folder = await temporaryFolder();
  const store = path.join(folder, 'store');
  let count = 0;
  return {
    folder,
    store,
    async take(archive) {
      count += 1;
      const file = typeof archive === 'string' ? archive : path.join(folder, `${count}.tar`);
      if (typeof archive !== 'string') await writeFile(file, archive);
      return importArchive({ archive: file, into: store }, { signal });
    },
  };
}

describe('an imported archive', () => {
  it('comes with its names, and what is there already is not stored again', async () => {
    const { store, take } = await world();
    const files = new LayoutFiles();
    const [one, two] = [imageIn(files, 'one'), imageIn(files, 'two')];
    files.setEntries([
      named(one, '1.0'),
      named(one, 'latest'),
      named(two, 'team/app:2.0'),
      files.index([one, two]),
    ]);
    const first = await take(files.toTar());
    expect(first.roots.map(({ names }) => names)).toEqual([['1.0', 'latest'], ['team/app:2.0'], []]);
    expect([first.sent.blobs, first.skipped.blobs, first.manifests, first.moved]).toEqual([4, 0, 3, []]);
    const second = await take(gzipSync(files.toTar()));
    expect([second.sent.blobs, second.skipped.blobs, second.moved]).toEqual([0, 4, []]);
    expect(await listed(store)).toEqual(
      expect.arrayContaining([
        { tag: '1.0', digest: one.digest },
        { tag: 'latest', digest: one.digest },
        { tag: 'team/app:2.0', digest: two.digest },
      ]),
    );
    expect(await listed(store)).toHaveLength(4);
  });

  it('may be a folder', async () => {
    const { folder, store, take } = await world();
    const files = new LayoutFiles();
    files.setEntries([named(imageIn(files, 'one'), '1.0')]);
    await take(await files.writeTo(path.join(folder, 'layout')));
    expect((await listed(store)).map(({ tag }) => tag)).toEqual(['1.0']);
  });

  it('takes names over, and says what had them; that stays listed in the repository of the name', async () => {
    const { store, take } = await world();
    const [old, plain] = [dockerArchive('team/app:1.0', 'old'), new LayoutFiles()];
    const { roots } = await take(old);
    const before = roots[0]!.descriptor.digest;
    const { roots: next, moved } = await take(dockerArchive('team/app:1.0', 'new'));
    const after = next[0]!.descriptor.digest;
    expect(moved).toEqual([{ name: 'team/app:1.0', before, after }]);
    expect(await listed(store)).toEqual([
      { tag: undefined, digest: before },
      { tag: 'team/app:1.0', digest: after },
    ]);
    const layout = await openLayout(store, { signal });
    const entry = await layout.target.resolve(before, { signal });
    await layout.close();
    expect(entry?.annotations).toMatchObject({ 'tallyman.repositories': 'team/app' });
    plain.setEntries([named(imageIn(plain, 'plain'), '1.0')]);
    expect((await take(plain.toTar())).moved).toEqual([]);
  });

  it('brings referrers of either convention, in both', async () => {
    for (const convention of ['entries', 'tags'] as const) {
      const { store, take } = await world();
      const files = new LayoutFiles();
      const image = imageIn(files, 'one');
      const subject = { mediaType: image.mediaType, digest: image.digest, size: image.size };
      const sbom = files.manifest({ artifactType: MEDIA_TYPES.spdxJson, subject });
      const note = files.manifest({ artifactType: 'text/plain', subject: sbom });
      const entries = [named(image, '1.0')];
      if (convention === 'entries') files.setEntries([...entries, sbom, note]);
      else
        files.setEntries([
          ...entries,
          named(files.index([sbom]), referrersTag(image.digest)),
          named(files.index([note]), referrersTag(sbom.digest)),
        ]);
      const { roots } = await take(files.toTar());
      expect(roots.map(({ descriptor }) => descriptor.digest)).toEqual([
        image.digest,
        sbom.digest,
        note.digest,
      ]);
      const tags = (await listed(store)).map(({ tag }) => tag);
      expect(tags).toEqual(
        expect.arrayContaining(['1.0', referrersTag(image.digest), referrersTag(sbom.digest)]),
      );
      const layout = await openLayout(store, { signal });
      for (const [about, referrer] of [
        [image, sbom],
        [sbom, note],
      ] as const)
        expect(await layout.target.referrers!.list(about.digest, { signal })).toMatchObject({
          referrers: [{ digest: referrer.digest }],
        });
      await layout.close();
    }
  });

  it('keeps what the destination knew of an image when more comes for it', async () => {
    const { store, take } = await world();
    const files = new LayoutFiles();
    const image = imageIn(files, 'one');
    const subject = { mediaType: image.mediaType, digest: image.digest, size: image.size };
    for (const type of ['text/first', 'text/second']) {
      const about = files.manifest({ artifactType: type, subject });
      files.setEntries([named(image, '1.0'), named(files.index([about]), referrersTag(image.digest))]);
      await take(files.toTar());
    }
    const layout = await openLayout(store, { signal });
    const answer = await layout.target.referrers!.list(image.digest, { signal });
    const fallback = await layout.target.fetchManifest(referrersTag(image.digest), { signal });
    await layout.close();
    const types =
      answer.outcome === 'listed' ? answer.referrers.map(({ artifactType }) => artifactType).sort() : [];
    expect(types).toEqual(['text/first', 'text/second']);
    const { manifests } = JSON.parse(Buffer.from(fallback.bytes).toString()) as {
      readonly manifests: unknown;
    };
    expect(manifests).toHaveLength(2);
  });

  it('keeps a tag that only looks like one of referrers, and cosign’s', async () => {
    const { store, take } = await world();
    const files = new LayoutFiles();
    const image = imageIn(files, 'one');
    const [looks, signature] = [referrersTag(digestOf(Buffer.from('x'))), cosignTag(image.digest, 'sig')];
    files.setEntries([
      named(image, '1.0'),
      named(files.index([image]), looks),
      named(imageIn(files, 'signature'), signature),
    ]);
    await take(files.toTar());
    expect((await listed(store)).map(({ tag }) => tag)).toEqual(
      expect.arrayContaining(['1.0', looks, signature]),
    );
  });

  it('comes without what can be no name, and says so', async () => {
    const { store, take } = await world();
    const files = new LayoutFiles();
    files.setEntries([named(imageIn(files, 'one'), 'build of today'), named(imageIn(files, 'two'), 'v1')]);
    const { notes, roots } = await take(files.toTar());
    expect(notes).toMatchObject([{ code: 'INVALID_INPUT' }]);
    expect(roots.map(({ names }) => names)).toEqual([[], ['v1']]);
    expect(await listed(store)).toHaveLength(2);
  });

  it('may list things that are no manifests', async () => {
    const { store, take } = await world();
    const files = new LayoutFiles();
    files.setEntries([named(files.blob('{"any":"thing"}', 'application/x-other+json'), 'thing')]);
    await take(files.toTar());
    expect((await listed(store)).map(({ tag }) => tag)).toEqual(['thing']);
  });
});

describe('an archive that is damaged', () => {
  const whole = (files: LayoutFiles): readonly object[] => [named(imageIn(files, 'good'), 'good')];
  const path_ = (descriptor: Descriptor): string => `blobs/${descriptor.digest.replace(':', '/')}`;

  it.each<readonly [string, (files: LayoutFiles) => Uint8Array, RegExp]>([
    [
      'lacks a layer',
      (files) => {
        const image = imageIn(files, 'bad');
        files.setEntries([...whole(files), named(image, 'bad')]);
        files.files.delete(path_(files.blob('bad'.repeat(1_000))));
        return files.toTar();
      },
      /MISSING/,
    ],
    [
      'has a wrong layer',
      (files) => {
        const image = imageIn(files, 'bad');
        files.setEntries([...whole(files), named(image, 'bad')]);
        files.files.set(path_(files.blob('bad'.repeat(1_000))), Buffer.from('BAD'.repeat(1_000)));
        return files.toTar();
      },
      /DIGEST_MISMATCH/,
    ],
    [
      'has a wrong manifest',
      (files) => {
        const image = imageIn(files, 'bad');
        files.setEntries([...whole(files), named(image, 'bad')]);
        files.files.set(path_(image), Buffer.from('{}'));
        return files.toTar();
      },
      /DIGEST_MISMATCH|SIZE_MISMATCH/,
    ],
    [
      'lacks a child of an index',
      (files) => {
        const image = imageIn(files, 'bad');
        files.setEntries([...whole(files), named(files.index([image]), 'bad')]);
        files.files.delete(path_(image));
        return files.toTar();
      },
      /MISSING|NOT_FOUND/,
    ],
    [
      'has a malformed entry',
      (files) => {
        files.setEntries([
          ...whole(files),
          { mediaType: MEDIA_TYPES.manifest, digest: 'sha256:../x', size: 1 },
        ]);
        return files.toTar();
      },
      /MALFORMED/,
    ],
    [
      'is cut off',
      (files) => {
        files.setEntries(whole(files));
        return files.toTar().subarray(0, -2_000);
      },
      /MALFORMED/,
    ],
    [
      'is of docker, and a layer is not what the config says',
      () => dockerArchive('team/app:1.0', 'right', 'wrong'),
      /DIGEST_MISMATCH/,
    ],
  ])('leaves nothing that is seen when it %s', async (_name, damage, codes) => {
    const { store, take } = await world();
    await take(dockerArchive('before:1', 'before'));
    const before = await listed(store);
    const error = await take(damage(new LayoutFiles())).catch((thrown: unknown) => thrown as TallymanError);
    expect('code' in error ? error.code : 'imported').toMatch(codes);
    expect(await listed(store)).toEqual(before);
  });
});

describe('an archive with hostile entries', () => {
  const names = [
    '../outside',
    '../../outside',
    'a/../../outside',
    './../outside',
    '/outside',
    '//outside',
    'C:\\outside',
    'C:outside',
    '\\\\server\\share',
    'blobs/sha256/../../../outside',
    'blobs/sha256/..',
    'blobs/../index.json',
    'file:stream',
    'CON',
    'NUL.txt',
    'COM1',
    'a\u0000b',
    'x/'.repeat(45),
    '.tallyman/lock',
    'oci-layout/x',
  ];
  const types = ['0', '1', '2', '3', '4', '6', '5', 'S'];

  it.each(['layout', 'docker'])(
    'around a %s changes nothing beside the store, and ends in words',
    async (form) => {
      const { folder, store, take } = await world();
      await writeFile(path.join(folder, 'outside'), 'mine');
      const files = new LayoutFiles();
      files.setEntries([named(imageIn(files, 'one'), '1.0')]);
      const body =
        form === 'layout'
          ? files.toTar().subarray(0, -1024)
          : dockerArchive('team/app:1.0', 'x').subarray(0, -1024);
      for (const name of names) {
        const hostile = Buffer.concat(
          types.map((type) =>
            tarEntry({ name, type, linkName: '../../../../etc/passwd' }, type === '0' ? 'bad' : ''),
          ),
        );
        const outcome = await take(Buffer.concat([hostile, body, hostile, TAR_END])).catch(
          (error: unknown) => error as TallymanError,
        );
        if ('code' in outcome) expect(ERROR_CODES).toContain(outcome.code);
      }
      expect(await readFile(path.join(folder, 'outside'), 'utf8')).toBe('mine');
      expect((await readdir(folder)).filter((name) => !name.endsWith('.tar')).sort()).toEqual([
        'outside',
        'store',
      ]);
      await listed(store);
    },
  );
});

describe('an import that ends early', () => {
  it('leaves nothing that is seen when it is cancelled, and goes on when it is run again', async () => {
    const { folder, store } = await world();
    const files = new LayoutFiles();
    files.setEntries([named(imageIn(files, 'one'), '1.0'), named(imageIn(files, 'two'), '2.0')]);
    const archive = path.join(folder, 'some.tar');
    await writeFile(archive, files.toTar());
    const controller = new AbortController();
    const stopped = importArchive(
      { archive, into: store },
      {
        signal: controller.signal,
        report: {
          onItem: ({ state }) => {
            if (state === 'done') controller.abort();
          },
        },
      },
    );
    await expect(stopped).rejects.toThrow();
    expect(await listed(store)).toEqual([]);
    const { sent, skipped } = await importArchive({ archive, into: store }, { signal });
    expect(sent.blobs + skipped.blobs).toBe(4);
    expect((await listed(store)).map(({ tag }) => tag).sort()).toEqual(['1.0', '2.0']);
  });

  it('has given all names or none, whichever call of the system fails', async () => {
    const files = new LayoutFiles();
    files.setEntries([named(imageIn(files, 'one'), '1.0'), named(imageIn(files, 'two'), '2.0')]);
    const folder = await temporaryFolder();
    const archive = path.join(folder, 'some.tar');
    await writeFile(archive, files.toTar());
    for (let at = 1; ; at += 3) {
      const store = path.join(folder, `store-${at}`);
      await (await createLayout(store)).close();
      const fileSystem = faultyFileSystem(nodeFileSystem, { at, errno: 'ENOSPC' });
      const outcome = await importInto(store, archive, fileSystem);
      const names = (await listed(store)).flatMap(({ tag }) => tag ?? []).sort();
      if (outcome === 'imported') expect(names).toEqual(['1.0', '2.0']);
      else expect([outcome, names.length === 0 || names.length === 2]).toEqual(['UNREADABLE', true]);
      if (fileSystem.calls.length < at) break;
    }
  });
});

async function importInto(
  store: string,
  archive: string,
  fileSystem: typeof nodeFileSystem,
): Promise<string> {
  try {
    const writer = new LayoutTargetWriter(await createLayout(store, { fileSystem }));
    try {
      await importArchive({ archive, into: writer }, { signal });
      await writer.finish();
      return 'imported';
    } finally {
      await writer.close();
    }
  } catch (error) {
    return (error as TallymanError).code;
  }
}

describe('an archive that is imported into a repository', () => {
  it('gives it the tags of its names, and says which of them meant something else', async () => {
    const { folder } = await world();
    const archive = path.join(folder, 'some.tar');
    const files = new LayoutFiles();
    const [one, two] = [imageIn(files, 'one'), imageIn(files, 'two')];
    files.setEntries([
      named(one, 'team/app:1.0'),
      named(two, 'team/other:1.0'),
      named(two, '2.0'),
      named(files.blob('{}', 'application/x-other+json'), 'thing'),
    ]);
    await writeFile(archive, files.toTar());
    const place = new MemoryPlace();
    const before = place.image('before', '2.0');
    const { moved, notes } = await importArchive({ archive, into: memoryWriter(place) }, { signal });
    expect(Object.fromEntries(place.tags)).toEqual({ '1.0': one.digest, '2.0': two.digest });
    expect(moved).toEqual([{ name: '2.0', before: before.digest, after: two.digest }]);
    expect(notes.map(({ code }) => code)).toEqual(['AMBIGUOUS', 'UNSUPPORTED']);
  });
});
