import { orderedTag } from './tag-order.ts';

/** The tags of one digest as chips: the most telling first ("1.8.2", "1.8", "stable", "latest"). */
export function inChipOrder(tags: readonly string[]): readonly string[] {
  if (tags.length < 2) return tags;
  const ranked = tags.map((tag, at) => ({ tag, at, rank: rankOf(tag) }));
  return ranked.toSorted((a, b) => a.rank - b.rank || a.at - b.at).map(({ tag }) => tag);
}

function rankOf(tag: string): number {
  if (tag === 'latest') return 4;
  const { version } = orderedTag(tag);
  if (version === undefined) return 3;
  if (version.minor === Number.MAX_SAFE_INTEGER) return 2;
  return version.patch === Number.MAX_SAFE_INTEGER ? 1 : 0;
}
