import { setMaxListeners } from 'node:events';
import { cancelled } from './task-pool.ts';

/**
 * Work that begins more work. The first failure stops all of it; whoever waits hears of it when nothing runs any more, so that
 * nothing runs on afterwards.
 */
export class TaskGroup {
  /** Aborted by the first failure, and with the signal of whoever asked. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #stopListening: () => void;
  readonly #idle: (() => void)[] = [];
  #running = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(asked: AbortSignal) {
    this.signal = this.#controller.signal;
    setMaxListeners(0, this.signal); // every question listens to it while it runs
    const onAbort = (): void => this.fail(cancelled());
    asked.addEventListener('abort', onAbort, { once: true });
    this.#stopListening = () => asked.removeEventListener('abort', onAbort);
    if (asked.aborted) onAbort();
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#controller.abort(cancelled());
  }

  spawn(work: () => Promise<void>): void {
    this.#running += 1;
    work()
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.#running -= 1;
        if (this.#running === 0) for (const wake of this.#idle.splice(0)) wake();
      });
  }

  /**
   * Waits until nothing runs. More may be spawned after that.
   * @throws the first failure, CANCELLED when the asker's signal was aborted.
   */
  async settled(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Lets go of the asker's signal. */
  end(): void {
    this.#stopListening();
  }
}
