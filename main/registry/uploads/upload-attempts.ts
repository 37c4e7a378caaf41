import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { createResumeAllowance } from '../blobs/resume-allowance.ts';
import type { NetworkTimings } from '../http/network-timings.ts';
import { parseRetryAfter } from '../http/parse-retry-after.ts';
import { pause } from '../http/pause.ts';
import { backOff, isTransientFailure, isTransientStatus } from '../http/retry-policy.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';

/** How one request of an upload ended. */
export type Attempted =
  | { readonly kind: 'answered'; readonly answer: WholeAnswer }
  /** The registry has trouble for the moment; whether it did what was asked has to be asked. */
  | { readonly kind: 'trouble'; readonly answer: WholeAnswer }
  /** The line broke: whether the registry got it is unknown. */
  | { readonly kind: 'lost'; readonly error: TallymanError };

/**
 * Sends one request and tells trouble that may pass from everything else.
 * @throws TallymanError for what will not pass by itself, cancellation included.
 */
export async function attempt(send: () => Promise<WholeAnswer>): Promise<Attempted> {
  try {
    const answer = await send();
    return { kind: isTransientStatus(answer.status) ? 'trouble' : 'answered', answer };
  } catch (error) {
    if (error instanceof TallymanError && isTransientFailure(error, true)) return { kind: 'lost', error };
    throw error;
  }
}

/** Decides whether an upload goes on after trouble: as long as it gets somewhere (bar, section 4). */
export interface UploadAllowance {
  /** The registry has so many more bytes. */
  earn(bytes: number): void;
  /**
   * Waits before the next request, as long as the registry asks for and a little more.
   * @param explain - the error for an answer that will not be waited out.
   * @throws TallymanError when it is time to give up, or the registry asks for more time than anybody waits.
   */
  waitAfter(
    failure: Exclude<Attempted, { readonly kind: 'answered' }>,
    explain: (answer: WholeAnswer) => TallymanError,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Times the waiting for one small question that a transfer, which nobody watches, waits when it is asked to. */
const PATIENCE = 2;

/** A full allowance for one blob. */
export function createUploadAllowance(
  timings: Pick<NetworkTimings, 'retryBase' | 'retryCap' | 'retryBudget'>,
): UploadAllowance {
  const allowance = createResumeAllowance();
  return {
    earn: (bytes) => allowance.earn(bytes),
    async waitAfter(failure, explain, signal) {
      const count = allowance.spend();
      const toError = (): TallymanError =>
        failure.kind === 'lost' ? failure.error : explain(failure.answer);
      if (count === undefined) throw toError();
      const asked =
        failure.kind === 'lost'
          ? 0
          : (parseRetryAfter(failure.answer.headers.first('retry-after'), Date.now()) ?? 0);
      if (asked > PATIENCE * timings.retryBudget) throw toError();
      await pause(asked + backOff(count, Math.random(), timings), signal);
    },
  };
}
