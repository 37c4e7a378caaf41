/** Entries of one sort that are shown at once. */
export const ENTRIES_PER_GROUP = 8;

/**
 * The entries whose name holds every typed word, the better ones first: those that begin with it, or have it behind
 * a separator. In their own order where they are equal.
 */
export function bestMatches<Entry>(
  entries: readonly Entry[],
  typed: string,
  nameOf: (entry: Entry) => string,
): readonly Entry[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return entries.slice(0, ENTRIES_PER_GROUP);
  const scored: { readonly entry: Entry; readonly score: number }[] = [];
  for (const entry of entries) {
    const score = scoreOf(nameOf(entry).toLowerCase(), words);
    if (score > 0) scored.push({ entry, score });
  }
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, ENTRIES_PER_GROUP)
    .map(({ entry }) => entry);
}

function scoreOf(name: string, words: readonly string[]): number {
  let score = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0) return 0;
    const before = name[at - 1];
    score += at === 0 ? 3 : before !== undefined && /[\s/:.@-]/.test(before) ? 2 : 1;
  }
  return score;
}
