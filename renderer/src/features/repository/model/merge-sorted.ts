/**
 * Merges a sorted page into a sorted list. Costs comparisons for the page only (a binary search for each of its
 * items) and one copy of the list, so that fifty pages of a thousand do not become fifty sorts of fifty thousand.
 */
export function mergeSorted<Item>(
  list: readonly Item[],
  page: readonly Item[],
  compare: (a: Item, b: Item) => number,
): readonly Item[] {
  if (list.length === 0) return page;
  const merged: Item[] = [];
  let from = 0;
  for (const item of page) {
    const to = upperBound(list, item, compare, from);
    for (let at = from; at < to; at++) merged.push(list[at] as Item);
    merged.push(item);
    from = to;
  }
  for (let at = from; at < list.length; at++) merged.push(list[at] as Item);
  return merged;
}

/** The first position at or after `from` whose item stands behind the given one. */
function upperBound<Item>(
  list: readonly Item[],
  item: Item,
  compare: (a: Item, b: Item) => number,
  from: number,
): number {
  let low = from;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(list[middle] as Item, item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
