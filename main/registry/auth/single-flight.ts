import { onAbort } from '../http/on-abort.ts';
import { abortReason } from '../http/pause.ts';

/** Work that several callers wait for and that is done once. */
export interface SingleFlight<Result> {
  /**
   * Joins the work under `key`, or starts it. A caller that aborts only leaves; when the last one left, the work
   * itself is aborted.
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

interface Flight<Result> {
  readonly controller: AbortController;
  readonly result: Promise<Result>;
  waiting: number;
  over: boolean;
}

/** Makes an empty one. */
export function createSingleFlight<Result>(): SingleFlight<Result> {
  const flights = new Map<string, Flight<Result>>();

  const start = (key: string, work: (signal: AbortSignal) => Promise<Result>): Flight<Result> => {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => {
      flight.over = true;
      if (flights.get(key) === flight) flights.delete(key);
    });
    // When everybody left, nobody hears how it ended.
    result.catch(() => undefined);
    const flight: Flight<Result> = { controller, result, waiting: 0, over: false };
    flights.set(key, flight);
    return flight;
  };

  return {
    run(key, signal, work) {
      if (signal.aborted) return Promise.reject(abortReason(signal));
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting += 1;
      return new Promise((resolve, reject) => {
        let left = false;
        const leave = (): void => {
          if (left) return;
          left = true;
          stopListening();
          flight.waiting -= 1;
          if (flight.waiting > 0 || flight.over) return;
          if (flights.get(key) === flight) flights.delete(key);
          flight.controller.abort();
        };
        const stopListening = onAbort(signal, () => {
          leave();
          reject(abortReason(signal));
        });
        flight.result.then(resolve, reject).finally(leave);
      });
    },
  };
}
