import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError, type ErrorCode } from '../../../shared/errors/tallyman-error.ts';
import { DEFAULT_TIMINGS } from './network-timings.ts';
import { backOff, isTransientFailure } from './retry-policy.ts';

describe('back-off', () => {
  it('lies between 0 and a bound that doubles up to 20 seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = backOff(attempt, random, DEFAULT_TIMINGS);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(20_000, 250 * 2 ** (attempt - 1)));
        },
      ),
    );
  });

  it('spreads clients evenly, so that none are in step (Kolmogorov–Smirnov against the even distribution)', () => {
    const count = 2000;
    const delays = Array.from(
      { length: count },
      () => backOff(3, Math.random(), DEFAULT_TIMINGS) / 1000,
    ).sort((a, b) => a - b);
    const distance = Math.max(
      ...delays.map((delay, index) =>
        Math.max(Math.abs((index + 1) / count - delay), Math.abs(delay - index / count)),
      ),
    );
    // 2.2 / √n is passed by chance about once in ten thousand runs.
    expect(distance).toBeLessThan(2.2 / Math.sqrt(count));
  });
});

describe('failures worth another try', () => {
  const failure = (code: ErrorCode, phase?: string): TallymanError =>
    new TallymanError({ code, message: 'x', ...(phase === undefined ? {} : { details: { phase } }) });

  it('are broken connections and silence, and before the first answer only those of a connection that was there', () => {
    const judged = (answered: boolean): unknown =>
      [
        failure('UNREACHABLE'),
        failure('TIMEOUT'),
        failure('UNREACHABLE', 'connect'),
        failure('TLS'),
        failure('LIMIT'),
        failure('CANCELLED'),
        failure('OUTBOUND_REFUSED'),
      ].map((error) => isTransientFailure(error, answered));
    expect(judged(true)).toEqual([true, true, true, false, false, false, false]);
    expect(judged(false)).toEqual([true, true, false, false, false, false, false]);
  });
});
