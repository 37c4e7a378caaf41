import { describe, expect, it } from 'vitest';
import { readTestWords } from './read-words.mjs';

describe('the words behind npm test --', () => {
  it('are all stages, or the chosen ones with words for the one tool', () => {
    expect(readTestWords([])).toEqual({
      stages: ['types', 'lint', 'format', 'arrows', 'unused', 'unit', 'e2e'],
      rest: [],
    });
    expect(readTestWords(['--only', 'types,lint'])).toEqual({ stages: ['types', 'lint'], rest: [] });
    expect(readTestWords(['--only', 'e2e', '--project', 'web'])).toEqual({
      stages: ['e2e'],
      rest: ['--project', 'web'],
    });
  });

  it.each([
    ['unit'],
    ['--only'],
    ['--only', 'all'],
    ['--only', 'types,'],
    ['--only', 'types', 'x'],
    ['--only', 'unit,e2e', 'x'],
  ])('are refused with the usage when they are %s %s %s', (...words) => {
    expect(readTestWords(words)).toHaveProperty('complaint', expect.stringContaining('Usage: npm test'));
  });
});
