import { Fifo } from './fifo.ts';
import type { WalkContext } from './walk-context.ts';

/**
 * Work of a walk that can wait in tens of thousands: a waiting item is one entry of a list, not a promise with all that hangs on
 * it. Only `workers` of them are begun at once.
 */
export class WorkQueue<Item> {
  readonly #context: Pick<WalkContext, 'spawn' | 'signal'>;
  readonly #workers: number;
  readonly #work: (item: Item) => Promise<void>;
  readonly #waiting = new Fifo<Item>();
  #running = 0;

  constructor(
    context: Pick<WalkContext, 'spawn' | 'signal'>,
    workers: number,
    work: (item: Item) => Promise<void>,
  ) {
    this.#context = context;
    this.#workers = workers;
    this.#work = work;
  }

  /** Items that were not begun yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(item: Item): void {
    this.#waiting.add(item);
    this.#startNext();
  }

  #startNext(): void {
    const { spawn, signal } = this.#context;
    while (this.#running < this.#workers && !signal.aborted) {
      const item = this.#waiting.take();
      if (item === undefined) return;
      this.#running += 1;
      spawn(async () => {
        try {
          await this.#work(item);
        } finally {
          this.#running -= 1;
          this.#startNext(); // before this work counts as done: the walk does not end while something waits
        }
      });
    }
  }
}
