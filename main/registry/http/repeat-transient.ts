import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { AnswerHeaders } from './answer-headers.ts';
import type { NetworkTimings } from './network-timings.ts';
import { parseRetryAfter } from './parse-retry-after.ts';
import { pause } from './pause.ts';
import { backOff, isTransientFailure, isTransientStatus } from './retry-policy.ts';

/** How patient requests are, and the clock and chance behind it. */
export interface Patience {
  readonly timings: NetworkTimings;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Whether the registry has answered before: a first contact that fails is told at once. */
  readonly hasAnswered: () => boolean;
}

/** The part of an answer that says whether to ask again. */
interface Answered {
  readonly status: number;
  readonly headers: AnswerHeaders;
}

/**
 * Sends a GET or HEAD, again while the trouble looks transient: broken connections, silence, 408, 425, 429 and most
 * 5xx. `Retry-After` is honoured and never shortened: when it does not fit into the budget, the answer itself is
 * given back, for the person to see.
 *
 * @param send - one attempt.
 * @param dismiss - gives up the body of an answer that is not used.
 * @throws TallymanError the failure of the last attempt, or CANCELLED.
 */
export async function repeatTransient<Answer extends Answered>(
  send: () => Promise<Answer>,
  dismiss: (answer: Answer) => void,
  patience: Patience,
  signal: AbortSignal,
): Promise<Answer> {
  const { timings, random } = patience;
  let waited = 0;
  for (let attempt = 1; ; attempt += 1) {
    let wait = backOff(attempt, random(), timings);
    try {
      const answer = await send();
      if (!isTransientStatus(answer.status) || attempt >= timings.attempts) return answer;
      const asked = parseRetryAfter(answer.headers.first('retry-after'), Date.now());
      // A little more than asked, so that clients told the same time do not come back at the same moment.
      if (asked !== undefined) wait += asked;
      if (waited + wait > timings.retryBudget) return answer;
      dismiss(answer);
    } catch (error) {
      if (!(error instanceof TallymanError) || !isTransientFailure(error, patience.hasAnswered()))
        throw error;
      if (attempt >= timings.attempts || waited + wait > timings.retryBudget) throw error;
    }
    waited += wait;
    await pause(wait, signal);
  }
}
