import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { onAbort } from './on-abort.ts';

/** A signal that also ends by itself after a time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Must be called when the work is over, or the timer and the listener stay. */
  dispose(): void;
}

/**
 * Makes a signal that aborts when `outer` does, or with a TIMEOUT error after `milliseconds`.
 *
 * @param what - what took too long, as the beginning of a sentence.
 */
export function startDeadline(outer: AbortSignal, milliseconds: number, what: () => string): Deadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort(outer.reason);
  if (outer.aborted) abort();
  const stopListening = onAbort(outer, abort);
  const timer = setTimeout(() => {
    controller.abort(
      new TallymanError({
        code: 'TIMEOUT',
        message: `${what()} took longer than ${milliseconds / 1000} seconds.`,
        hint: 'Try again; if it stays so, the registry or the way to it is too slow.',
        details: { milliseconds },
      }),
    );
  }, milliseconds);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      stopListening();
    },
  };
}
