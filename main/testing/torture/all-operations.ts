import path from 'node:path';
import { digestOf } from '../../content/digest-of.ts';
import type { FileSystem } from '../../layout/file-system.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import type { PartialIngest } from '../../layout/partial-ingest.ts';
import { createLayout, type WriteOptions } from '../../layout/write-layout.ts';
import { makeImage, storeImage } from './store-image.ts';

const { signal } = new AbortController();

const BEFORE = makeImage(Buffer.alloc(5_000, 'before'));
const REMOVED = makeImage(Buffer.alloc(3_000, 'removed'));
const AFTER = makeImage(Buffer.alloc(120_000, 'after'));
const PARTIAL = Buffer.alloc(90_000, 'partial');

/** What a name means: a digest, or nothing. */
export type Meaning = string | undefined;

/** Hears of each change of a name: before it is begun, and when it was confirmed. */
export type OnChange = (event: 'begun' | 'confirmed', name: string, meaning: Meaning) => void;

/** Makes the layout on which the operations work, and says what its names mean. */
export async function prepareLayout(
  layout: string,
  options: WriteOptions,
): Promise<ReadonlyMap<string, Meaning>> {
  const writer = await createLayout(layout, options);
  await storeImage(writer, BEFORE, 'before', signal);
  await storeImage(writer, REMOVED, 'removed', signal);
  await writer.tag('untagged', BEFORE.manifest.digest, { signal });
  await writer.ingest({ digest: digestOf(Buffer.from('stray')), size: 5 }, Buffer.from('stray'), { signal });
  await writer.close();
  return new Map([
    ['before', BEFORE.manifest.digest],
    ['removed', REMOVED.manifest.digest],
    ['untagged', BEFORE.manifest.digest],
  ]);
}

/**
 * Every operation that changes a layout, once, one after the other: store, attach, tag, untag, remove, unfinished content
 * that is let go and taken up again, a lease, and a collection. Fails at the first that fails.
 */
export async function runOperations(open: () => Promise<LayoutWriter>, onChange: OnChange): Promise<void> {
  const writer = await open();
  const change = async (name: string, meaning: Meaning, work: () => Promise<unknown>): Promise<void> => {
    onChange('begun', name, meaning);
    await work();
    onChange('confirmed', name, meaning);
  };
  try {
    await change('after', AFTER.manifest.digest, () => storeImage(writer, AFTER, 'after', signal));
    const subject = { subject: AFTER.manifest };
    await storeImage(writer, makeImage(Buffer.from('about it'), subject), undefined, signal);
    await change('also', AFTER.manifest.digest, () => writer.tag('also', AFTER.manifest.digest, { signal }));
    await change('before', AFTER.manifest.digest, () =>
      writer.tag('before', AFTER.manifest.digest, { signal }),
    );
    await change('untagged', undefined, () => writer.untag('untagged', { signal }));
    await change('removed', undefined, () => writer.remove(REMOVED.manifest.digest, { signal }));
    const lease = await writer.lease([digestOf(PARTIAL)]);
    try {
      const content = { digest: digestOf(PARTIAL), size: PARTIAL.byteLength };
      const begun = await writer.partials.start(content);
      await orAbort(begun, async () => {
        await begun.write(PARTIAL.subarray(0, 40_000));
        await begun.suspend();
      });
      const resumed = await writer.partials.resume(begun.id, signal);
      await orAbort(resumed, async () => {
        await resumed.write(PARTIAL.subarray(resumed.size));
        await resumed.commit();
      });
      await writer.collectGarbage({ signal, grace: -1 });
    } finally {
      await lease.release();
    }
  } finally {
    await writer.close();
  }
}

/** What failed is good for that alone. */
async function orAbort(partial: PartialIngest, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await partial.abort();
    throw error;
  }
}

/** A change of a name, before it was begun or when it was confirmed. */
export interface NameEvent {
  readonly event: 'begun' | 'confirmed';
  readonly name: string;
  readonly meaning: Meaning;
}

/** What the names may mean after a run that ended anywhere, held against what they mean. */
export function violationsOf(
  before: ReadonlyMap<string, Meaning>,
  changes: readonly NameEvent[],
  now: ReadonlyMap<string, string>,
): readonly string[] {
  const allowed = new Map<string, Meaning[]>([...before].map(([name, meaning]) => [name, [meaning]]));
  for (const { event, name, meaning } of changes)
    allowed.set(name, event === 'confirmed' ? [meaning] : [...(allowed.get(name) ?? [undefined]), meaning]);
  return [...allowed].flatMap(([name, meanings]) =>
    meanings.includes(now.get(name))
      ? []
      : [
          `${name} means ${now.get(name) ?? 'nothing'}, not ${meanings.map((each) => each ?? 'nothing').join(' or ')}`,
        ],
  );
}

/** What the work folder holds that nobody needs once all writers ended well. */
export async function leftoversIn(fileSystem: FileSystem, work: string): Promise<readonly string[]> {
  const names = await fileSystem.list(work);
  const left = names.filter((name) => /^(?:index\.new|lock$)/.test(name));
  for (const folder of ['leases', 'trash']) {
    if (!names.includes(folder)) continue;
    const inside = (await fileSystem.list(path.join(work, folder))).filter(
      (name) => !name.endsWith('.json.new'),
    );
    left.push(...inside.map((name) => `${folder}/${name}`));
  }
  return left;
}
