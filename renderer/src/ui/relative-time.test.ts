import { describe, expect, it } from 'vitest';
import { exactTime, relativeTime } from './relative-time.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;

describe('relative times', () => {
  it.each([
    [0, 'just now'],
    [5 * 60_000, '5 min ago'],
    [2 * HOUR, '2 h ago'],
    [24 * HOUR, '1 day ago'],
    [29 * 24 * HOUR, '29 days ago'],
    [40 * 24 * HOUR, '1 month ago'],
    [800 * 24 * HOUR, '2 years ago'],
    [-3 * HOUR, 'in 3 h'],
  ])('of %d ms read %j', (ago, words) => expect(relativeTime(NOW - ago, NOW)).toBe(words));

  it('of builds without a date say so instead of counting from 1970', () => {
    expect(relativeTime(0, NOW)).toBe('not dated');
    expect(relativeTime(Date.parse('0001-01-01T00:00:00Z'), NOW)).toBe('not dated');
  });

  it('have an exact form that is the same for everybody', () => {
    expect(exactTime(NOW)).toBe('2026-11-22 12:00:00 UTC');
  });
});
