import { startWorker } from '../../../workers/start-worker.ts';
import type { ArrangeInput, Arrangement } from './arrangement.ts';
import { arrange } from './arrange.ts';
import workerAddress from './arrange.worker.ts?worker&url';

/** Lays graphs out beside the window's own thread. */
export interface Layouter {
  /**
   * Asks for the picture of a graph. Only the newest question counts: while one is being answered the next one waits, and
   * one that waits is dropped when a newer one comes.
   */
  request(input: ArrangeInput): void;
  close(): void;
}

/**
 * A layouter with a worker of its own. Where no worker can be had (a test without a browser, a worker that fails) it lays
 * out in the window's thread: slower, the same picture.
 */
export function createLayouter(onArrangement: (arrangement: Arrangement) => void): Layouter {
  let worker = openWorker();
  let busy: ArrangeInput | undefined;
  let waiting: ArrangeInput | undefined;

  function openWorker(): Worker | undefined {
    if (typeof Worker === 'undefined') return undefined;
    try {
      const opened = startWorker(workerAddress);
      opened.addEventListener('message', (event: MessageEvent<Arrangement>) => {
        busy = undefined;
        onArrangement(event.data);
        next();
      });
      opened.addEventListener('error', (event) => {
        event.preventDefault();
        opened.terminate();
        worker = undefined;
        waiting ??= busy;
        busy = undefined;
        next();
      });
      return opened;
    } catch {
      return undefined;
    }
  }

  function next(): void {
    if (busy !== undefined || waiting === undefined) return;
    const input = waiting;
    waiting = undefined;
    if (worker === undefined) {
      onArrangement(arrange(input));
      return;
    }
    busy = input;
    worker.postMessage(input);
  }

  return {
    request(input) {
      waiting = input;
      next();
    },
    close() {
      waiting = undefined;
      worker?.terminate();
    },
  };
}
