import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { FileSystem } from '../../layout/file-system.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';
import { createLayout, openLayoutForWriting } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { faultyFileSystem } from '../faulty-file-system.ts';
import { watchedFileSystem } from '../watched-file-system.ts';
import { makeImage, storeImage, type MadeImage } from './store-image.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

const run = promisify(execFile);
const { signal: never } = new AbortController();

const OURS = makeImage(Buffer.from('ours'));
const FIRST = makeImage(Buffer.from('was there first'));
const THEIRS = makeImage(Buffer.from('theirs'));

/** The call that gives the new index its place. */
const THE_MOVE = 'the move';

/** How programs that know no lock write the index: into the file, as oras does, or beside it and moved into place. */
const MANNERS = ['in place', 'moved into place'] as const;

/** What is changed while they write. */
const CHANGES: Readonly<
  Record<
    string,
    { readonly work: (writer: LayoutWriter) => Promise<unknown>; readonly names: readonly string[] }
  >
> = {
  store: { work: (writer) => storeImage(writer, OURS, 'ours', never), names: ['ours', 'first', 'also'] },
  tag: {
    work: (writer) => writer.tag('ours', FIRST.manifest.digest, { signal: never }),
    names: ['ours', 'first', 'also'],
  },
  untag: { work: (writer) => writer.untag('also', { signal: never }), names: ['first'] },
};

/**
 * Check 35: another program that ignores the lock changes `index.json` before each single call of a change of ours, in both
 * manners. Both changes are there afterwards, or ours ends in a conflict. There is one instant in which this cannot hold: a
 * file that is moved into place between our last look and our own move is replaced; those are counted.
 */
export async function foreignWriters(
  { folder, signal }: Pick<TortureSurroundings, 'folder' | 'signal'>,
  { stride }: { readonly stride: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const layout = path.join(folder, 'store');
  const reset = async (): Promise<void> => {
    await rm(layout, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const writer = await createLayout(layout);
    await storeImage(writer, FIRST, 'first', never);
    await writer.tag('also', FIRST.manifest.digest, { signal: never });
    await writer.close();
    await writeBlobs(layout, THEIRS);
  };
  for (const [name, { work, names }] of Object.entries(CHANGES)) {
    await reset();
    const counting = faultyFileSystem(nodeFileSystem);
    await withWriter(layout, counting, work);
    const all = counting.calls.length;
    tally.note(`calls of ${name}`, all);
    for (const manner of MANNERS) {
      for (let at = 1; at <= all && !signal.aborted; at += stride) {
        await reset();
        let last: string | undefined;
        let calls = 0;
        const meddling = watchedFileSystem(nodeFileSystem, async (call, place) => {
          calls += 1;
          if (calls !== at) return;
          last = call === 'rename' && place === path.join(layout, 'index.json') ? THE_MOVE : call;
          await addForeignEntry(layout, manner);
        });
        const outcome = await withWriter(layout, meddling, work).catch((error: unknown) => error);
        const now = [...(await readEverything(layout)).keys()].sort();
        const wanted = ['theirs', ...names].sort();
        const where = `${name}, another program writes ${manner} before call ${at} (${last ?? 'none'})`;
        if (last === undefined) continue; // it ended earlier this time
        if (outcome instanceof TallymanError && outcome.code === 'CONFLICT') {
          tally.count('conflicts reported');
          tally.round(now.includes('theirs') ? [] : [`${where}: theirs is lost although ours gave up`]);
        } else if (outcome instanceof Error) {
          tally.round([`${where}: ${String(outcome)}`]);
        } else if (JSON.stringify(now) === JSON.stringify(wanted)) {
          tally.count('both survived');
          tally.round([]);
        } else if (last === THE_MOVE && manner === 'moved into place') {
          tally.count('in the one instant that is known');
          tally.round(now.includes('ours') || name === 'untag' ? [] : [`${where}: both are lost`]);
        } else tally.round([`${where}: ${now.join(', ')} instead of ${wanted.join(', ')}`]);
      }
    }
  }
  return tally.report();
}

/** Check 35 with real programs: they and we change one layout in turns, and nothing of either is lost. */
export async function foreignClients(
  { folder, peer, signal }: TortureSurroundings,
  { rounds }: { readonly rounds: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const layout = path.join(folder, 'store');
  const writer = await createLayout(layout);
  await storeImage(writer, FIRST, 'first', never);
  const expected = new Map<string, string>([['first', FIRST.manifest.digest]]);
  const oras = peer('oras');
  const regctl = peer('regctl');
  if (oras === undefined) tally.skip('oras is not on this machine');
  if (regctl === undefined) tally.skip('regctl is not on this machine');
  const home = { env: { ...process.env, HOME: folder } };
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    await storeImage(writer, makeImage(Buffer.from(`ours ${round}`)), `ours-${round}`, never);
    expected.set(`ours-${round}`, makeImage(Buffer.from(`ours ${round}`)).manifest.digest);
    if (oras !== undefined) {
      await run(oras, ['tag', '--oci-layout', `${layout}:first`, `oras-${round}`], home);
      expected.set(`oras-${round}`, FIRST.manifest.digest);
      tally.count('changes by oras');
    }
    if (regctl !== undefined) {
      await run(
        regctl,
        ['image', 'copy', `ocidir://${layout}:first`, `ocidir://${layout}:regctl-${round}`],
        home,
      );
      expected.set(`regctl-${round}`, FIRST.manifest.digest);
      tally.count('changes by regctl');
    }
    await writer.tag(`also-${round}`, FIRST.manifest.digest, { signal: never });
    expected.set(`also-${round}`, FIRST.manifest.digest);
    const names = await readEverything(layout);
    const lost = [...expected].filter(([name, digest]) => names.get(name) !== digest).map(([name]) => name);
    tally.round(lost.map((name) => `${name} is lost in round ${round}`));
  }
  await writer.close();
  return tally.report();
}

async function withWriter(
  layout: string,
  fileSystem: FileSystem,
  work: (writer: LayoutWriter) => Promise<unknown>,
): Promise<unknown> {
  const writer = await openLayoutForWriting(layout, { fileSystem });
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}

async function writeBlobs(
  layout: string,
  { layer, layerBytes, manifest, manifestBytes }: MadeImage,
): Promise<void> {
  for (const [{ digest }, bytes] of [
    [layer, layerBytes],
    [manifest, manifestBytes],
  ] as const) {
    await writeFile(path.join(layout, 'blobs', ...digest.split(':')), bytes);
  }
}

async function addForeignEntry(layout: string, manner: (typeof MANNERS)[number]): Promise<void> {
  const index = path.join(layout, 'index.json');
  const document = JSON.parse(await readFile(index, 'utf8')) as { readonly manifests: readonly object[] };
  const annotations = { 'org.opencontainers.image.ref.name': 'theirs' };
  const entry = { ...THEIRS.manifest, annotations };
  const text = JSON.stringify({ ...document, manifests: [...document.manifests, entry] });
  if (manner === 'in place') await writeFile(index, text);
  else {
    await writeFile(`${index}.other`, text);
    await rename(`${index}.other`, index);
  }
}
