import { onAbort } from '../http/on-abort.ts';
import type { ReferrersAnswer } from '../../content/target.ts';

/** How long "unsupported" is remembered; registries are upgraded. Milliseconds. */
const UNSUPPORTED_KEPT = 5 * 60_000;

/**
 * Remembers per repository whether the registry has the referrers API, so that one without costs one question and not
 * one for each node (quirk F2, and 5.4 of the conventions). Failures are never remembered.
 */
export interface ReferrersCapability {
  /**
   * Asks, unless it is known that asking is in vain. The first question of a repository goes alone; others wait for
   * what it teaches.
   */
  ask(question: () => Promise<ReferrersAnswer>, signal: AbortSignal): Promise<ReferrersAnswer>;
}

/** Makes the memory of one repository. */
export function createReferrersCapability(now: () => number = () => performance.now()): ReferrersCapability {
  let supported = false;
  let unsupported: { readonly answer: ReferrersAnswer; readonly until: number } | undefined;
  let leading: Promise<unknown> | undefined;

  const lead = async (question: () => Promise<ReferrersAnswer>): Promise<ReferrersAnswer> => {
    const answer = await question();
    if (answer.outcome === 'unsupported') unsupported = { answer, until: now() + UNSUPPORTED_KEPT };
    else supported = true;
    return answer;
  };

  return {
    async ask(question, signal) {
      for (;;) {
        if (supported) return question();
        if (unsupported !== undefined && unsupported.until > now()) return unsupported.answer;
        if (leading === undefined) {
          const asking = lead(question);
          leading = asking;
          try {
            return await asking;
          } finally {
            leading = undefined;
          }
        }
        // However the first one ends, by an error or because it was cancelled: the next look at the memory decides.
        await settledOrAborted(leading, signal);
        if (signal.aborted) return question();
      }
    },
  };
}

/** However the work ends: its own caller is told. */
function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = onAbort(signal, resolve);
    const done = (): void => {
      stopListening();
      resolve();
    };
    work.then(done, done);
  });
}
