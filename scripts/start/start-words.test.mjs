import { describe, expect, it } from 'vitest';
import { readStartWords } from './start-words.mjs';

describe('the words behind npm start --', () => {
  it('are a place and options in any order', () => {
    expect(readStartWords([])).toEqual({ web: false, hostWords: [], place: undefined });
    expect(readStartWords(['localhost:5000/team/app', '--web'])).toEqual({
      web: true,
      hostWords: [],
      place: 'localhost:5000/team/app',
    });
    expect(readStartWords(['--port', '8080', '--no-open', './a layout'])).toEqual({
      web: false,
      hostWords: ['--port', '8080', '--no-open'],
      place: './a layout',
    });
  });

  it.each([
    ['--port'],
    ['--port', 'x'],
    ['--port', '65536'],
    ['--wep'],
    ['--inspect'],
    ['--no-sandbox'],
    ['a', 'b'],
  ])('are refused with the usage when they are %s %s', (...words) => {
    expect(readStartWords(words)).toHaveProperty('complaint', expect.stringContaining('Usage: npm start'));
  });
});
