import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize } from './format-size.ts';

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [4120, '4.1 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [28_100_000, '28.1 MB'],
    [1_300_000_000, '1.3 GB'],
    [5e12, '5.0 TB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
    [1e21, '1000000.0 PB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it.each([NaN, -1, Infinity])('calls %d an unknown size', (bytes) => {
    expect(formatSize(bytes)).toBe('unknown size');
  });

  it('never writes four digits before the point, and is right to the last digit shown', () => {
    const factors: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        const [number = '', unit = ''] = formatSize(bytes).split(' ');
        expect(number).toMatch(/^\d{1,3}(\.\d)?$/);
        const factor = factors[unit] ?? NaN;
        expect(Math.abs(Number(number) * factor - bytes)).toBeLessThanOrEqual(factor * 0.0501);
      }),
    );
  });
});
