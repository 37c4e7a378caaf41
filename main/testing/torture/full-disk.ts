import { readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readSourcesFile, writeSourcesFile, type KeptSource } from '../../host/sources/sources-file.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';
import { createLayout, openLayoutForWriting } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { mountSmallDisk, type SmallDisk } from '../small-disk.ts';
import { leftoversIn } from './all-operations.ts';
import { makeImage, storeImage } from './store-image.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** The unit in which this disk gives out space. */
const PAGE = 4096;
/** Pages that are left free at most: more than one change of everything needs. */
const MOST_FREE_PAGES = 24;

const { signal: never } = new AbortController();
const BEFORE = makeImage(Buffer.alloc(20_000, 'before'));
const SOURCES: readonly KeptSource[] = [{ kind: 'layout', path: '/somewhere' }];

/**
 * Check 33: a real small disk on which from nothing to more than enough is free, page by page, and content that is a byte
 * shorter than that, as long, and a byte longer. Storing, tagging and keeping the list of sources succeed or say that the disk
 * is full; what failed changed nothing; and when there is room again everything works and the space is the same as before.
 */
export async function fullDisk(
  { signal }: Pick<TortureSurroundings, 'signal'>,
  { diskSizes, stride }: { readonly diskSizes: readonly number[]; readonly stride: number },
): Promise<TortureReport> {
  const tally = new Tally();
  for (const size of diskSizes) {
    const disk = await mountSmallDisk(size);
    if ('reason' in disk) {
      tally.skip(disk.reason);
      break;
    }
    try {
      await fillStepByStep(disk, stride, tally, signal);
    } finally {
      await disk.remove();
    }
  }
  return tally.report();
}

async function fillStepByStep(
  disk: SmallDisk,
  stride: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const places = {
    layout: path.join(disk.folder, 'store'),
    sources: path.join(disk.folder, 'data', 'sources.json'),
    filler: path.join(disk.folder, 'filler'),
  };
  const writer = await createLayout(places.layout);
  await storeImage(writer, BEFORE, 'before', never);
  await writer.close();
  await writeSourcesFile(places.sources, SOURCES);
  for (let pages = 0; pages <= MOST_FREE_PAGES && !signal.aborted; pages += stride) {
    for (const more of [-1, 0, 1]) {
      const content = Buffer.alloc(Math.max(1, pages * PAGE + more), `content ${pages} ${more}`);
      for (const operation of ['store', 'tag', 'sources'] as const) {
        tally.count(operation);
        const problems = await tryFull(disk, places, pages, operation, content, tally);
        tally.round(
          problems.map(
            (problem) => `${operation} of ${content.byteLength} bytes with ${pages} pages free: ${problem}`,
          ),
        );
      }
    }
  }
}

interface Places {
  readonly layout: string;
  readonly sources: string;
  readonly filler: string;
}

async function tryFull(
  disk: SmallDisk,
  { layout, sources, filler }: Places,
  pages: number,
  operation: 'store' | 'tag' | 'sources',
  content: Uint8Array,
  tally: Tally,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const free = await freeBytes(disk.folder);
  const index = await readFile(path.join(layout, 'index.json'), 'utf8');
  const kept = await readFile(sources, 'utf8');
  await writeFile(filler, Buffer.alloc(Math.max(0, free - pages * PAGE)));

  const image = makeImage(content);
  const work = async (): Promise<void> => {
    if (operation === 'sources') {
      await writeSourcesFile(sources, [...SOURCES, { kind: 'layout', path: 'x'.repeat(content.byteLength) }]);
      return;
    }
    const writer = await openLayoutForWriting(layout);
    try {
      if (operation === 'store') await storeImage(writer, image, 'after', never);
      else await writer.tag('after', BEFORE.manifest.digest, { signal: never });
    } finally {
      await writer.close();
    }
  };
  const outcome = await work().then(
    () => 'success',
    (error: unknown) => error,
  );
  tally.count(outcome === 'success' ? 'found room' : 'found the disk full');
  if (outcome !== 'success') {
    const isTold = outcome instanceof TallymanError && outcome.message.includes('ENOSPC');
    if (!isTold) problems.push(`failed with ${String(outcome)}`);
    if ((await readFile(path.join(layout, 'index.json'), 'utf8')) !== index)
      problems.push('index.json changed');
    if ((await readFile(sources, 'utf8')) !== kept) problems.push('the list of sources changed');
  }
  const names = await readEverything(layout).catch((error: unknown) => String(error));
  if (typeof names === 'string') problems.push(`cannot be read whole: ${names}`);
  else if (names.get('before') !== BEFORE.manifest.digest) problems.push('a name is lost');
  else if (outcome === 'success' && operation !== 'sources' && !names.has('after'))
    problems.push('success, and nothing there');
  if ((await readSourcesFile(sources)).locked) problems.push('the list of sources cannot be read');

  // Room again: the same works, and what it made can be taken away without a trace.
  await rm(filler);
  try {
    await work();
    const writer = await openLayoutForWriting(layout);
    if (operation !== 'sources') {
      await writer.untag('after', { signal: never });
      if (operation === 'store') await writer.remove(image.manifest.digest, { signal: never });
    }
    await writer.collectGarbage({ signal: never, grace: -1 });
    await writer.close();
    await writeSourcesFile(sources, SOURCES);
  } catch (error) {
    problems.push(`with room again: ${String(error)}`);
  }
  problems.push(
    ...(await leftoversIn(nodeFileSystem, path.join(layout, '.tallyman'))).map(
      (name) => `left behind: ${name}`,
    ),
  );
  const lost = free - (await freeBytes(disk.folder));
  // Folders that are made once, and the copy of the last index, take pages of their own the first time.
  if (lost > 8 * PAGE) problems.push(`${lost} bytes of the disk are lost`);
  return problems;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
