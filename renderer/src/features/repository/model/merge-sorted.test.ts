import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSorted } from './merge-sorted.ts';

const compare = (a: number, b: number): number => a - b;
const sortedNumbers = fc.array(fc.integer({ min: 0, max: 200 })).map((numbers) => numbers.toSorted(compare));

describe('merging a sorted page into a sorted list', () => {
  it('gives what sorting both together gives', () => {
    fc.assert(
      fc.property(sortedNumbers, sortedNumbers, (list, page) => {
        expect(mergeSorted(list, page, compare)).toEqual([...list, ...page].toSorted(compare));
      }),
    );
  });

  it('puts the items of the page behind equal ones of the list', () => {
    const list = [{ key: 1, from: 'list' }];
    const page = [{ key: 1, from: 'page' }];
    expect(mergeSorted(list, page, (a, b) => a.key - b.key).map(({ from }) => from)).toEqual([
      'list',
      'page',
    ]);
  });

  it('compares for the page only, not for the whole list', () => {
    let comparisons = 0;
    const list = Array.from({ length: 50_000 }, (_, at) => at);
    mergeSorted(list, [10, 25_000, 49_000], (a, b) => {
      comparisons++;
      return a - b;
    });
    expect(comparisons).toBeLessThan(60);
  });
});
