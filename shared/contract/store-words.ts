// The closed sets of words about layouts on disk, and limits that the window shows. Apart from their schemas, because the window uses the
// words and carries no zod.

/** What is wrong in one place of a layout; see `LayoutProblem` of the check for what each one means. */
export const LAYOUT_PROBLEM_KINDS = [
  'index',
  'entry',
  'corrupt',
  'no-file',
  'unreadable',
  'manifest',
  'missing',
  'foreign',
  'size',
] as const;
export type LayoutProblemKind = (typeof LAYOUT_PROBLEM_KINDS)[number];

/** What a repair may put in the place of an `index.json` that cannot be read. */
export const INDEX_REPAIRS = ['previous', 'rebuild'] as const;
export type IndexRepair = (typeof INDEX_REPAIRS)[number];

/** Problems, orphans or garbage that one answer names; all are counted. */
export const LISTED_LIMIT = 1_000;

/** Longest time in which content that nothing leads to is spared, in milliseconds: a year. */
export const GRACE_LIMIT_MS = 365 * 24 * 60 * 60 * 1000;
