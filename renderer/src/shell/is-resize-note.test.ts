import { describe, expect, it } from 'vitest';
import { isResizeNote } from './is-resize-note.ts';

describe('isResizeNote', () => {
  it('knows the note in the words of both browsers', () => {
    for (const message of [
      'ResizeObserver loop completed with undelivered notifications.',
      'ResizeObserver loop limit exceeded',
    ])
      expect(isResizeNote({ error: null, message })).toBe(true);
  });

  it('takes an error for what it is, whatever it says', () => {
    expect(isResizeNote({ error: new Error('ResizeObserver loop'), message: 'ResizeObserver loop' })).toBe(
      false,
    );
    expect(isResizeNote({ error: null, message: 'Script error.' })).toBe(false);
  });
});
