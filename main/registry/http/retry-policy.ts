import type { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isConnectFailure } from './network-failure.ts';
import type { NetworkTimings } from './network-timings.ts';

/** Statuses after which the same question may be answered a moment later (bar, section 4). */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** True for an answer that is worth asking again. Only for GET and HEAD. */
export function isTransientStatus(status: number): boolean {
  return TRANSIENT_STATUSES.has(status);
}

/**
 * True for a failure that is worth trying again: a broken connection, a silence. Certificates, refusals, limits and
 * cancellation are final; so is "nothing listens there" as long as the registry never answered, because then the
 * person waits for the news.
 *
 * @param answered - the registry has answered before.
 */
export function isTransientFailure(error: TallymanError, answered: boolean): boolean {
  if (error.code !== 'UNREACHABLE' && error.code !== 'TIMEOUT') return false;
  return answered || !isConnectFailure(error);
}

/**
 * Milliseconds before the next attempt, random between 0 and a bound that doubles (full jitter), so that many clients
 * do not come back in step.
 *
 * @param attempt - how often the request was sent so far, from 1.
 * @param random - from 0 up to 1.
 */
export function backOff(
  attempt: number,
  random: number,
  timings: Pick<NetworkTimings, 'retryBase' | 'retryCap'>,
): number {
  const bound = Math.min(timings.retryCap, timings.retryBase * 2 ** (attempt - 1));
  return random * bound;
}
