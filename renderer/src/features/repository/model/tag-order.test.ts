import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareByVersion, compareNaturally, orderedTag } from './tag-order.ts';

const sorted = (...tags: string[]): readonly string[] =>
  tags
    .map(orderedTag)
    .toSorted(compareByVersion)
    .map(({ tag }) => tag);
const tag = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
  fc
    .tuple(
      fc.nat(12),
      fc.nat(12),
      fc.nat(12),
      fc.constantFrom('', '-rc.1', '-rc.2', '-alpine', '+build', '_7'),
    )
    .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`),
  fc.nat(30).map((each) => `v${each}`),
);

describe('the order of tags by version', () => {
  it('puts the newest version first, numbers compared as numbers', () => {
    expect(sorted('1.9.0', '1.10.0', '2.0.0', '1.10.2')).toEqual(['2.0.0', '1.10.2', '1.10.0', '1.9.0']);
  });

  it('puts a release before its own release candidates, and these in the order of semver', () => {
    expect(sorted('1.0.0-rc.2', '1.0.0', '1.0.0-rc.10', '1.0.0-alpha', '1.0.0-rc.1')).toEqual([
      '1.0.0',
      '1.0.0-rc.10',
      '1.0.0-rc.2',
      '1.0.0-rc.1',
      '1.0.0-alpha',
    ]);
  });

  it('puts a tag that follows a line of versions before the versions of that line', () => {
    expect(sorted('1.8.2', '1.8', '1.7.9', '1', 'latest', '2.0.0')).toEqual([
      'latest',
      '2.0.0',
      '1',
      '1.8',
      '1.8.2',
      '1.7.9',
    ]);
  });

  it('takes a leading v and the underscore that Helm writes for a plus', () => {
    expect(sorted('v1.2.0', '1.3.0_build', 'v1.10.0')).toEqual(['v1.10.0', '1.3.0_build', 'v1.2.0']);
  });

  it('puts names that are no versions behind them, as a dictionary that knows numbers would', () => {
    expect(sorted('pr-10', 'main', '1.0.0', 'pr-9', 'chart-1.8.2')).toEqual([
      '1.0.0',
      'chart-1.8.2',
      'main',
      'pr-9',
      'pr-10',
    ]);
  });

  it('is a total order, so that any two sorted pages can be merged', () => {
    fc.assert(
      fc.property(tag, tag, tag, (x, y, z) => {
        const [a, b, c] = [orderedTag(x), orderedTag(y), orderedTag(z)];
        expect(Math.sign(compareByVersion(a, b))).toBe(-Math.sign(compareByVersion(b, a)) + 0);
        if (compareByVersion(a, b) <= 0 && compareByVersion(b, c) <= 0)
          expect(compareByVersion(a, c)).toBeLessThanOrEqual(0);
        if (x !== y) expect(compareByVersion(a, b)).not.toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('stays quick on hostile names', () => {
    const hostile = [
      '1'.repeat(60_000),
      `${'1.'.repeat(30_000)}a`,
      `${'-.'.repeat(30_000)}!`,
      `1.0.0-${'0'.repeat(60_000)}`,
    ];
    const before = performance.now();
    for (const a of hostile) for (const b of hostile) compareByVersion(orderedTag(a), orderedTag(b));
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe('the natural order', () => {
  it('compares numbers of any length without losing digits', () => {
    expect(compareNaturally('a12345678901234567890', 'a12345678901234567891')).toBeLessThan(0);
  });

  it('tells apart what differs only in leading zeros', () => {
    expect(compareNaturally('a01', 'a1')).not.toBe(0);
    expect(compareNaturally('a1', 'a1')).toBe(0);
  });
});
