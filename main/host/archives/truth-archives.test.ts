import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isDigest, type Digest } from '../../../shared/oci/digest.ts';
import type { TargetEntry } from '../../content/target.ts';
import { isSound } from '../../layout/check-layout.ts';
import { openLayout, type Layout } from '../../layout/open-layout.ts';
import { fixtures } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { exportArtifact } from './export-artifact.ts';
import { importArchive } from './import-archive.ts';

/** The parts of a truth file that say what an archive holds (fixtures/oci/README.md). */
interface ArchiveTruth {
  readonly format: string;
  readonly tags?: Readonly<Record<string, string | readonly string[]>>;
  readonly nodes?: readonly {
    readonly digest: string;
    readonly role: string;
    readonly present: boolean;
    readonly referrers?: readonly string[];
  }[];
  readonly edges?: readonly { readonly from: string; readonly via: string }[];
}

interface Archive {
  readonly name: string;
  readonly file: string;
  readonly truth: ArchiveTruth;
}

const { signal } = new AbortController();
const corpus = fixtures();
const archives = corpus === undefined ? [] : await readArchives(path.join(corpus, 'oci'));

async function readArchives(folder: string): Promise<readonly Archive[]> {
  const found: Archive[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const name = /^(.*)\.(?:docker|oci)\.tar(?:\.gz)?$/.exec(file)?.[1];
    if (name === undefined) continue;
    const truth = JSON.parse(await readFile(path.join(folder, `${name}.truth.json`), 'utf8')) as ArchiveTruth;
    found.push({ name, file: path.join(folder, file), truth });
  }
  return found;
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

async function entriesOf({ target }: Layout): Promise<readonly TargetEntry[]> {
  const entries: TargetEntry[] = [];
  for await (const page of target.listEntries!({ signal })) entries.push(...page);
  return entries;
}

/** Indexes by which tools find referrers: an export makes them anew. */
function isReferrersIndex(truth: ArchiveTruth, digest: string): boolean {
  return truth.edges?.some(({ from, via }) => from === digest && via === 'fallback-tag') === true;
}

async function checkAgainstTruth(layout: Layout, truth: ArchiveTruth): Promise<void> {
  const { target } = layout;
  for (const [tag, digests] of Object.entries(truth.tags ?? {})) {
    const [digest = ''] = typeof digests === 'string' ? [digests] : digests;
    const entries = await entriesOf(layout);
    const isName = /^[A-Za-z0-9_][A-Za-z0-9._:/-]*$/.test(tag) && tag.length <= 512;
    if (isName)
      expect([tag, entries.find((entry) => entry.tag === tag)?.descriptor?.digest]).toEqual([tag, digest]);
    else expect(entries.some(({ descriptor }) => descriptor?.digest === digest)).toBe(true);
  }
  for (const { digest, role, present, referrers = [] } of truth.nodes ?? []) {
    if (!isDigest(digest) || !present) continue;
    const descriptor = { digest, mediaType: 'application/octet-stream', size: 0 };
    expect([digest, (await target.inspectBlob!(descriptor, { signal })).state]).toEqual([digest, 'present']);
    if (role === 'blob') continue;
    const answer = await target.referrers!.list(digest, { signal });
    if (answer.outcome !== 'listed') throw new Error(answer.reason);
    expect(answer.referrers.map((referrer) => referrer.digest).sort()).toEqual([...referrers].sort());
  }
}

describe.skipIf(corpus === undefined)(
  'archives by real tools (skipped where TALLYMAN_FIXTURES names none)',
  () => {
    it('are looked at in a corpus that is there', () => {
      expect(archives.length).toBeGreaterThan(0);
    });

    it.each(archives)(
      '$name is imported with everything that its truth file names',
      async ({ file, truth }) => {
        const store = path.join(await temporaryFolder(), 'store');
        const { roots, moved } = await importArchive({ archive: file, into: store }, { signal });
        expect(moved).toEqual([]);
        await withLayout(store, async (layout) => {
          expect(isSound(await layout.check({ signal }))).toBe(true);
          if (truth.format === 'oci-layout') await checkAgainstTruth(layout, truth);
          const entries = await entriesOf(layout);
          for (const { descriptor, names } of roots) {
            const found = entries.filter((entry) => entry.descriptor?.digest === descriptor.digest);
            expect(found.map(({ tag }) => tag)).toEqual(expect.arrayContaining([...names]));
            expect(found.length).toBeGreaterThan(0);
          }
          await withLayout(file, async (source) => {
            if (truth.format === 'oci-layout') return; // its truth file says more
            const listed = (each: readonly TargetEntry[]): readonly string[] =>
              each.map(({ tag, descriptor }) => `${tag ?? ''} ${descriptor?.digest ?? ''}`).sort();
            expect(listed(entries)).toEqual(listed(await entriesOf(source)));
          });
        });
      },
    );

    it.each(archives.filter(({ name }) => /^(?:docker-|oci-|tar-|graph-)/.test(name)))(
      '$name is exported again with every digest that it has',
      async ({ file, truth }) => {
        const folder = await temporaryFolder();
        await withLayout(file, async (source) => {
          const digests = new Set<Digest>();
          for (const [position, { tag, descriptor }] of (await entriesOf(source)).entries()) {
            if (descriptor === undefined || /^sha256-[0-9a-f]{64}$/.test(tag ?? '')) continue;
            const reference = tag ?? descriptor.digest;
            const destination = path.join(folder, `${position}.tar`);
            const { root } = await exportArtifact(
              { from: source.target, reference, destination, referrers: true },
              { signal },
            );
            expect(root.digest).toBe(descriptor.digest);
            await withLayout(destination, async (exported) => {
              expect(isSound(await exported.check({ signal }))).toBe(true);
              for (const digest of await blobsBehind(exported, root.digest)) digests.add(digest);
            });
          }
          const wanted = (truth.nodes ?? []).filter(
            ({ digest, present }) => present && !isReferrersIndex(truth, digest),
          );
          expect([...digests]).toEqual(expect.arrayContaining(wanted.map(({ digest }) => digest)));
          expect(digests.size).toBeGreaterThan(0);
        });
      },
    );
  },
);

/** Everything that a manifest leads to, referrers included, as far as it is there. */
async function blobsBehind({ target }: Layout, root: Digest): Promise<readonly Digest[]> {
  const reached = new Set<Digest>();
  const queue: Digest[] = [root];
  for (const digest of queue) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    const { bytes } = await target.fetchManifest(digest, { signal });
    const text = Buffer.from(bytes).toString();
    const document = JSON.parse(text) as { readonly manifests?: readonly { readonly digest: Digest }[] };
    queue.push(...(document.manifests ?? []).map((child) => child.digest));
    const blobs = document as {
      readonly config?: { readonly digest: Digest };
      readonly layers?: readonly { readonly digest: Digest }[];
    };
    for (const blob of [...(blobs.config === undefined ? [] : [blobs.config]), ...(blobs.layers ?? [])]) {
      const state = await target.inspectBlob!({ ...blob, mediaType: 'a/b', size: 0 }, { signal });
      if (state.state === 'present') reached.add(blob.digest);
    }
    const answer = await target.referrers!.list(digest, { signal });
    if (answer.outcome === 'listed') queue.push(...answer.referrers.map((referrer) => referrer.digest));
  }
  return [...reached].sort();
}
