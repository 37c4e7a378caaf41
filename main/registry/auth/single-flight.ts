import { abortReason } from '../http/pause.ts';

/** Work that several callers wait for and that is done once. */
export interface SingleFlight<Result> {
  /**
   * Joins the work under `key`, or starts it. A caller that aborts only leaves; when the last one left, the work itself is aborted.
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

interface Flight<Result> {
  readonly controller: AbortController;
  readonly result: Promise<Result>;
  waiting: number;
}

/** Makes an empty one. */
export function createSingleFlight<Result>(): SingleFlight<Result> {
  const flights = new Map<string, Flight<Result>>();

  const start = (key: string, work: (signal: AbortSignal) => Promise<Result>): Flight<Result> => {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key);
    });
    // When everybody left, nobody hears how it ended.
    result.catch(() => undefined);
    const flight: Flight<Result> = { controller, result, waiting: 0 };
    flights.set(key, flight);
    return flight;
  };

  return {
    run(key, signal, work) {
      if (signal.aborted) return Promise.reject(abortReason(signal));
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting += 1;
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          signal.removeEventListener('abort', abort);
          flight.waiting -= 1;
          if (flight.waiting > 0) return;
          if (flights.get(key) === flight) flights.delete(key);
          flight.controller.abort();
        };
        const abort = (): void => {
          leave();
          reject(abortReason(signal));
        };
        signal.addEventListener('abort', abort, { once: true });
        flight.result.then(resolve, reject).finally(leave);
      });
    },
  };
}
