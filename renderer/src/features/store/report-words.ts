import type { LayoutReport } from '../../../../shared/contract/store.ts';
import type { LayoutProblemKind } from '../../../../shared/contract/store-words.ts';

/** What a kind of problem is called, of one and of several, and what it means for the person. */
export const PROBLEM_WORDS: Readonly<
  Record<LayoutProblemKind, { readonly one: string; readonly many: string; readonly means: string }>
> = {
  index: {
    one: 'unreadable index.json',
    many: 'unreadable index.json',
    means: 'Nothing says what the blobs are. A repair replaces it.',
  },
  entry: {
    one: 'malformed entry of index.json',
    many: 'malformed entries of index.json',
    means: 'They name nothing that could be read.',
  },
  corrupt: {
    one: 'corrupt blob',
    many: 'corrupt blobs',
    means: 'The bytes do not have the digest of their name. A repair moves them into quarantine.',
  },
  'no-file': {
    one: 'blob that is no file',
    many: 'blobs that are no files',
    means: 'A link or a folder lies in the place of content. A repair moves it into quarantine.',
  },
  unreadable: { one: 'unreadable blob', many: 'unreadable blobs', means: 'The disk refused to give them.' },
  manifest: {
    one: 'malformed manifest',
    many: 'malformed manifests',
    means: 'The bytes are right; whoever made the document has to make it again.',
  },
  missing: {
    one: 'missing blob',
    many: 'missing blobs',
    means: 'Named, and not here. Get the content again from where the layout came from.',
  },
  foreign: {
    one: 'layer that lies elsewhere',
    many: 'layers that lie elsewhere',
    means: 'Their manifests say so: this is usual for some base images.',
  },
  size: {
    one: 'wrong size',
    many: 'wrong sizes',
    means: 'Something names content with another size than it has.',
  },
};

/** "1 corrupt blob", "3 corrupt blobs". */
export function problemWords(kind: LayoutProblemKind, count: number): string {
  const { one, many } = PROBLEM_WORDS[kind];
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Whether anything is wrong: layers that are meant to lie elsewhere are not. */
export function isSound(report: LayoutReport): boolean {
  return report.problemCounts.every(({ kind, count }) => kind === 'foreign' || count === 0);
}

/** Whether a repair would change anything. */
export function isRepairable(report: LayoutReport): boolean {
  return (
    report.kind === 'folder' &&
    report.problemCounts.some(({ kind }) => kind === 'corrupt' || kind === 'no-file' || kind === 'index')
  );
}

export function countOf(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`;
}
