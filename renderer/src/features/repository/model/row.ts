import type { KnownEntry } from './listing.ts';

/** One line of the table: a digest with its tags where digests are known, a tag alone where they are not yet. */
export interface Row {
  /** The tag that stands for the row, or its digest: unique in the list, and kept when rows are grouped. */
  readonly key: string;
  /** In the order of chips. Empty for an untagged entry. */
  readonly tags: readonly string[];
  readonly digest?: string;
  /** What the listing itself says. */
  readonly entry?: KnownEntry;
  /** True for what belongs to another digest: drawn below it, set in. */
  readonly companion: boolean;
}

/** The rows in their order; built one by one, as they are asked for, where there are many. */
export interface RowList {
  readonly length: number;
  readonly at: (index: number) => Row | undefined;
  /** Where the row of this tag or digest stands; -1 when it has none. */
  readonly find: (tagOrDigest: string) => number;
}

export function rowListOf(rows: readonly Row[]): RowList {
  return {
    length: rows.length,
    at: (index) => rows[index],
    find: (wanted) => {
      const exact = rows.findIndex((row) => row.key === wanted);
      return exact >= 0 ? exact : rows.findIndex((row) => row.digest === wanted || row.tags.includes(wanted));
    },
  };
}
