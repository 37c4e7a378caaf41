import { setTimeout as timer } from 'node:timers/promises';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/**
 * Waits, and stops waiting when the signal aborts.
 * @throws TallymanError CANCELLED, or the error the signal was aborted with.
 */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await timer(milliseconds, undefined, { signal });
  } catch {
    throw abortReason(signal);
  }
}

/** The error to throw for an aborted signal. */
export function abortReason(signal: AbortSignal): TallymanError {
  const reason: unknown = signal.reason;
  return reason instanceof TallymanError
    ? reason
    : new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
}
