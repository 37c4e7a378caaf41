import { parseCompanionTag } from '../../../../../shared/oci/referrers-tag.ts';
import type { RepositorySort } from '../../../navigation/view.ts';
import { inChipOrder } from './chip-order.ts';
import type { KnownEntry, Listing, UntaggedEntry } from './listing.ts';
import type { Row, RowList } from './row.ts';
import type { OrderedTag } from './tag-order.ts';

export interface RowOptions {
  /** Part of a tag, or the beginning of a digest. */
  readonly filter: string;
  readonly sort: Exclude<RepositorySort, 'date'>;
  /** True when what belongs to other digests has rows of its own. */
  readonly companions: boolean;
}

/** One row for each tag: for repositories whose digests are not all known. Rows are made as they come on screen. */
export function rowsByTag(listing: Listing, options: RowOptions): RowList {
  const wanted = options.filter.trim().toLowerCase();
  const ordered = options.sort === 'version' ? listing.byVersion : listing.byName;
  const tags = wanted === '' ? ordered : ordered.filter(({ tag }) => tag.toLowerCase().includes(wanted));
  const companions = options.companions ? listing.companions.filter((tag) => tag.includes(wanted)) : [];
  // The same row is the same object each time it is asked for, so that it is drawn once.
  const made = new Map<number, Row>();
  const rowAt = (index: number): Row | undefined => {
    const known = made.get(index);
    if (known !== undefined) return known;
    const tag = tags[index]?.tag ?? companions[index - tags.length];
    if (tag === undefined) return undefined;
    const row = tagRow(tag, listing.known.get(tag), index >= tags.length);
    made.set(index, row);
    return row;
  };
  return {
    length: tags.length + companions.length,
    at: rowAt,
    find(key) {
      const at = tags.findIndex(({ tag }) => tag === key);
      if (at >= 0) return at;
      const companion = companions.indexOf(key);
      return companion < 0 ? -1 : tags.length + companion;
    },
  };
}

/** One row for each digest, its tags as chips: for repositories whose digests are all known. */
export function rowsByDigest(
  listing: Listing,
  entryOf: (tag: string) => KnownEntry | undefined,
  options: RowOptions,
): readonly Row[] {
  const wanted = options.filter.trim().toLowerCase();
  const ordered = options.sort === 'version' ? listing.byVersion : listing.byName;
  const rows = [
    ...groupTags(ordered, entryOf),
    ...listing.untagged.map((entry) => untaggedRow(entry, false)),
  ].filter((row) => matches(row, wanted));
  if (!options.companions) return rows;
  const companions = [
    ...listing.companions.map((tag) => tagRow(tag, entryOf(tag), true)),
    ...listing.attachedEntries.map((entry) => untaggedRow(entry, true)),
  ];
  return withCompanions(rows, companions, wanted);
}

/** How many rows are folded away while companions have none of their own. */
export function companionCount(listing: Listing): number {
  return listing.companions.length + listing.attachedEntries.length;
}

function groupTags(
  ordered: readonly OrderedTag[],
  entryOf: (tag: string) => KnownEntry | undefined,
): readonly Row[] {
  const groups = new Map<string, { readonly entry: KnownEntry | undefined; readonly tags: string[] }>();
  for (const { tag } of ordered) {
    const entry = entryOf(tag);
    const group = groups.get(entry?.digest ?? tag);
    if (group === undefined) groups.set(entry?.digest ?? tag, { entry, tags: [tag] });
    else group.tags.push(tag);
  }
  return [...groups.values()].map(({ entry, tags }) => {
    const chips = inChipOrder(tags);
    return {
      key: chips[0] ?? '',
      tags: chips,
      companion: false,
      ...(entry === undefined ? {} : { digest: entry.digest, entry }),
    };
  });
}

function tagRow(tag: string, entry: KnownEntry | undefined, companion: boolean): Row {
  return {
    key: tag,
    tags: [tag],
    companion,
    ...(entry === undefined ? {} : { digest: entry.digest, entry }),
  };
}

function untaggedRow(entry: UntaggedEntry, companion: boolean): Row {
  return { key: entry.digest, tags: [], digest: entry.digest, entry, companion };
}

function matches(row: Row, wanted: string): boolean {
  if (wanted === '') return true;
  if (row.tags.some((tag) => tag.toLowerCase().includes(wanted))) return true;
  return (
    row.digest !== undefined &&
    (row.digest.startsWith(wanted) || row.digest.slice(row.digest.indexOf(':') + 1).startsWith(wanted))
  );
}

/** Each companion below the row of its subject; those without one at the end. */
function withCompanions(rows: readonly Row[], companions: readonly Row[], wanted: string): readonly Row[] {
  const bySubject = new Map<string, Row[]>();
  const present = new Set(rows.map((row) => row.digest));
  const rest: Row[] = [];
  for (const companion of companions) {
    const subject = subjectOf(companion);
    if (subject === undefined || !present.has(subject)) {
      if (matches(companion, wanted)) rest.push(companion);
      continue;
    }
    const siblings = bySubject.get(subject);
    if (siblings === undefined) bySubject.set(subject, [companion]);
    else siblings.push(companion);
  }
  const placed = rows.flatMap((row) => [
    row,
    ...((row.digest === undefined ? undefined : bySubject.get(row.digest)) ?? []),
  ]);
  return [...placed, ...rest];
}

function subjectOf(row: Row): string | undefined {
  const parsed = row.tags[0] === undefined ? undefined : parseCompanionTag(row.tags[0]);
  return parsed === undefined ? undefined : `${parsed.algorithm}:${parsed.encoded}`;
}

/**
 * Rows by age, the youngest first; what claims no date stands at the end. A companion goes with the row above it.
 */
export function sortByDate(
  rows: readonly Row[],
  createdOf: (digest: string) => string | undefined,
): readonly Row[] {
  const blocks: { readonly time: number; readonly rows: Row[] }[] = [];
  for (const row of rows) {
    const last = blocks.at(-1);
    if (row.companion && last !== undefined) {
      last.rows.push(row);
      continue;
    }
    const time = Date.parse((row.digest === undefined ? undefined : createdOf(row.digest)) ?? '');
    blocks.push({ time: Number.isNaN(time) ? -Infinity : time, rows: [row] });
  }
  return blocks.toSorted((a, b) => (a.time === b.time ? 0 : b.time - a.time)).flatMap((block) => block.rows);
}
