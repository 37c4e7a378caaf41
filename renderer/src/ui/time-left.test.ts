import { describe, expect, it } from 'vitest';
import { timeWords } from './time-left.ts';

describe('a time that is left', () => {
  it.each([
    [0.2, 'less than a second'],
    [1, '1 s'],
    [89.4, '89 s'],
    [90, '2 min'],
    [3600, '60 min'],
    [5400, '1 h 30 min'],
    [7200, '2 h'],
    [Number.POSITIVE_INFINITY, 'unknown time'],
    [-1, 'unknown time'],
  ])('of %d seconds is told as “%s”', (seconds, words) => {
    expect(timeWords(seconds)).toBe(words);
  });
});
