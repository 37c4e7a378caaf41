import { describe, expect, it } from 'vitest';
import { letGoOf } from './let-go-of.ts';

describe('letting go of chunks', () => {
  it('empties those that are whole buffers, where Node can do that', () => {
    const chunk = new Uint8Array(1024);
    letGoOf([chunk]);
    expect(chunk.byteLength).toBe('transfer' in ArrayBuffer.prototype ? 0 : 1024);
  });

  it('leaves parts of larger buffers alone, and never complains', () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    const part = whole.subarray(1, 3);
    letGoOf([part, part]);
    expect([...whole]).toEqual([1, 2, 3, 4]);
    const empty = new Uint8Array();
    letGoOf([empty, empty]);
    expect(empty.byteLength).toBe(0);
  });
});
