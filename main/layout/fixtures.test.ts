import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import { digestOf } from '../content/digest-of.ts';
import { MANIFEST_LIMIT } from '../content/limits.ts';
import type { TargetEntry } from '../content/target.ts';
import { readAll } from '../content/verify-content.ts';
import { fixtures } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { unpackTar } from '../testing/unpack-tar.ts';
import { openLayout, type Layout } from './open-layout.ts';

interface Truth {
  readonly name: string;
  readonly format: string;
  readonly entries?: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly size: number;
    readonly tag: string | null;
  }[];
  readonly tags?: Readonly<Record<string, string | readonly string[]>>;
  readonly blobs?: readonly {
    readonly digest: string;
    readonly size?: number;
    readonly digestMatches?: boolean;
    readonly link?: string;
  }[];
  readonly nodes?: readonly {
    readonly digest: string;
    readonly role: string;
    readonly present: boolean;
    readonly mediaType: string;
  }[];
  readonly missing?: readonly { readonly digest: string }[];
  readonly wrong?: { readonly kind: string };
}

interface Fixture {
  readonly file: string;
  readonly truth: Truth;
}

const corpus = fixtures();
const signal = new AbortController().signal;

function listFixtures(folder: string): readonly Fixture[] {
  if (corpus === undefined) return [];
  const place = path.join(corpus, 'oci', folder);
  return readdirSync(place).flatMap((name) => {
    const base = /^(.*)\.(?:oci|docker)\.tar(?:\.gz)?$/.exec(name)?.[1];
    if (base === undefined) return [];
    const truth = JSON.parse(readFileSync(path.join(place, `${base}.truth.json`), 'utf8')) as Truth;
    return [{ file: path.join(place, name), truth }];
  });
}

async function withLayout<Result>(
  location: string,
  use: (layout: Layout) => Promise<Result>,
): Promise<Result> {
  const layout = await openLayout(location, { signal });
  try {
    return await use(layout);
  } finally {
    await layout.close();
  }
}

async function unpacked(file: string): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'layout');
  await mkdir(folder);
  await unpackTar(file, folder);
  return folder;
}

async function failure(location: string): Promise<TallymanError> {
  const opened = await openLayout(location, { signal }).catch((error: unknown) => error as TallymanError);
  if ('target' in opened) {
    await opened.close();
    throw new Error(`${location} was opened`);
  }
  return opened;
}

async function entriesOf({ target }: Layout): Promise<readonly TargetEntry[]> {
  const entries: TargetEntry[] = [];
  for await (const page of target.listEntries!({ signal })) entries.push(...page);
  return entries;
}

/** Everything that the layout gives out, held against the truth: entries, tags, manifests by digest, blobs whole. */
async function checkAgainstTruth(layout: Layout, truth: Truth): Promise<void> {
  const { target } = layout;
  const entries = await entriesOf(layout);
  expect(
    entries.map(({ tag, descriptor }) => [
      descriptor?.digest,
      descriptor?.mediaType,
      descriptor?.size,
      tag ?? null,
    ]),
  ).toEqual(truth.entries?.map(({ digest, mediaType, size, tag }) => [digest, mediaType, size, tag]));

  for (const [tag, named] of Object.entries(truth.tags ?? {})) {
    const [first] = typeof named === 'string' ? [named] : named;
    expect((await target.resolve(tag, { signal }))?.digest).toBe(first);
    expect((await target.fetchManifest(tag, { signal })).descriptor.digest).toBe(first);
  }

  const missing = new Set(truth.missing?.map(({ digest }) => digest));
  for (const node of truth.nodes ?? []) {
    if (!isDigest(node.digest)) continue;
    const descriptor = { digest: node.digest, mediaType: node.mediaType, size: 0 };
    const presence = await target.inspectBlob!(descriptor, { signal });
    expect([node.digest, presence.state]).toEqual([
      node.digest,
      missing.has(node.digest) ? 'missing' : 'present',
    ]);
    if (node.role === 'blob' || !node.present) continue;
    const { bytes } = await target.fetchManifest(node.digest, { signal });
    expect(digestOf(bytes, node.digest.startsWith('sha512') ? 'sha512' : 'sha256')).toBe(node.digest);
  }

  for (const { digest, size } of truth.blobs ?? []) {
    if (size === undefined) continue;
    const content = target.readBlob(
      { digest: digest as Digest, size, mediaType: 'application/octet-stream' },
      { signal },
    );
    expect((await readAll(content, MANIFEST_LIMIT)).byteLength).toBe(size);
  }
}

describe.skipIf(corpus === undefined)(
  'layouts made by real tools (skipped without TALLYMAN_FIXTURES)',
  () => {
    const good = listFixtures('.').filter(({ truth }) => truth.format === 'oci-layout');

    it('finds them', () => {
      expect(good.length).toBeGreaterThan(0);
    });

    it.each(good.map((fixture) => [fixture.truth.name, fixture] as const))(
      'reads %s as an archive and as a folder',
      async (_name, { file, truth }) => {
        await withLayout(file, (layout) => checkAgainstTruth(layout, truth));
        await withLayout(await unpacked(file), (layout) => checkAgainstTruth(layout, truth));
      },
    );
  },
);

/** What opening answers, by the fault that the truth names; every other fault is found in an open layout. */
const OPENING_FAILS: Readonly<Record<string, { readonly code: string; readonly says: RegExp }>> = {
  bom: { code: 'MALFORMED', says: /index\.json .* byte order mark/ },
  'index-unreadable': { code: 'MALFORMED', says: /index\.json .* cannot be read/ },
  'index-missing': { code: 'NOT_A_LAYOUT', says: /no index\.json/ },
  'newer-layout': { code: 'LAYOUT_VERSION', says: /2\.0\.0/ },
  'no-oci-layout': { code: 'NOT_A_LAYOUT', says: /no file oci-layout/ },
  'oci-layout-unreadable': { code: 'MALFORMED', says: /oci-layout .* cannot be read/ },
};

describe.skipIf(corpus === undefined)('damaged layouts (skipped without TALLYMAN_FIXTURES)', () => {
  const broken = listFixtures('broken');
  const inForms = async (file: string, use: (location: string) => Promise<void>): Promise<void> => {
    await use(file);
    await use(await unpacked(file));
  };

  const unopenable = broken.filter(
    ({ truth }) => truth.wrong !== undefined && Object.hasOwn(OPENING_FAILS, truth.wrong.kind),
  );

  it.each(unopenable.map((fixture) => [fixture.truth.name, fixture] as const))(
    'names what is wrong with %s',
    async (_name, { file, truth }) => {
      const expected = OPENING_FAILS[truth.wrong!.kind]!;
      await inForms(file, async (location) => {
        const { code, message } = await failure(location);
        expect(code).toBe(expected.code);
        expect(message).toMatch(expected.says);
      });
    },
  );

  const openable = broken.filter(
    ({ truth }) => truth.format === 'oci-layout' && !unopenable.some((other) => other.truth === truth),
  );

  it.each(openable.map((fixture) => [fixture.truth.name, fixture] as const))(
    'opens %s, gives out what is right and refuses what is wrong',
    async (_name, { file, truth }) => {
      await inForms(file, async (location) => {
        await withLayout(location, async (layout) => {
          const { target } = layout;
          expect((await entriesOf(layout)).map(({ descriptor }) => descriptor?.digest)).toEqual(
            truth.entries?.map(({ digest }) => digest),
          );
          for (const { digest, size, digestMatches, link } of truth.blobs ?? []) {
            const descriptor = {
              digest: digest as Digest,
              size: size ?? 0,
              mediaType: 'application/octet-stream',
            };
            const outcome = await readAll(target.readBlob(descriptor, { signal }), MANIFEST_LIMIT).then(
              () => 'verified',
              (error: unknown) => (error as TallymanError).code,
            );
            const expected =
              link !== undefined ? 'UNREADABLE' : digestMatches === false ? 'DIGEST_MISMATCH' : 'verified';
            expect([digest, outcome]).toEqual([digest, expected]);
          }
          for (const { digest } of (truth.missing ?? []).filter(
            ({ digest: missing }) => !truth.blobs?.some((blob) => blob.digest === missing),
          )) {
            expect(
              await target.inspectBlob!({ digest: digest as Digest, size: 1, mediaType: 'a/b' }, { signal }),
            ).toEqual({ state: 'missing' });
          }
        });
      });
    },
  );

  const only = (kind: string): string => broken.find(({ truth }) => truth.wrong?.kind === kind)!.file;

  it('says that an archive which was cut off is incomplete', async () => {
    const { code, message } = await failure(only('tar-cut'));
    expect([code, message]).toEqual(['MALFORMED', expect.stringContaining('incomplete')]);
  });

  it('opens the layout one folder down in an archive, and names it in a folder', async () => {
    const file = only('layout-in-subfolder');
    await withLayout(file, async (layout) => expect((await entriesOf(layout)).length).toBeGreaterThan(0));
    const { code, message } = await failure(await unpacked(file));
    expect([code, message]).toEqual(['NOT_A_LAYOUT', expect.stringMatching(/folder “.+” inside it is one/)]);
  });

  it('shows a manifest whose entry lies about its size by name, and refuses it to those who insist', async () => {
    await withLayout(only('size-wrong'), async (layout) => {
      const [entry] = await entriesOf(layout);
      const { descriptor } = await layout.target.fetchManifest(entry!.tag!, { signal });
      expect(descriptor.size).toBe(entry!.descriptor!.size + 1);
      await expect(layout.target.fetchManifest(entry!.descriptor!, { signal })).rejects.toMatchObject({
        code: 'SIZE_MISMATCH',
      });
    });
  });
});
