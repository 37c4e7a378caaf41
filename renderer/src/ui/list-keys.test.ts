import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTyping, moveInList } from './list-keys.ts';

describe('keys in a list', () => {
  it('always lead to a row that is there', () => {
    const key = fc.constantFrom('ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End');
    fc.assert(
      fc.property(
        key,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: -1, max: 49 }),
        fc.integer({ min: 1, max: 20 }),
        (pressed, count, at, page) => {
          const to = moveInList(pressed, Math.min(at, count - 1), count, page);
          expect(to).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThan(count);
        },
      ),
    );
  });

  it('begin at the ends while no row is active', () => {
    expect(moveInList('ArrowDown', -1, 5, 3)).toBe(0);
    expect(moveInList('ArrowUp', -1, 5, 3)).toBe(4);
  });

  it('do nothing in an empty list, nor when they do not move', () => {
    expect(moveInList('ArrowDown', -1, 0, 3)).toBeUndefined();
    expect(moveInList('Enter', 0, 5, 3)).toBeUndefined();
  });

  it('that write a character are told from those that command', () => {
    const plain = { ctrlKey: false, metaKey: false, altKey: false };
    expect(isTyping({ key: 'a', ...plain })).toBe(true);
    expect(isTyping({ key: ' ', ...plain })).toBe(false);
    expect(isTyping({ key: 'Enter', ...plain })).toBe(false);
    expect(isTyping({ key: 'c', ...plain, ctrlKey: true })).toBe(false);
  });
});
