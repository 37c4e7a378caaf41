import type { Dispatcher } from 'undici';
import { onAbort } from './on-abort.ts';
import { abortReason } from './pause.ts';

/** An answer whose body is still coming. */
export interface ArrivingAnswer {
  readonly status: number;
  /** As undici gives them: lower-case names, an array for repeated ones. */
  readonly headers: RawHeaders;
  readonly body: ArrivingBody;
}

export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The body of an answer, for one reader. Leaving a loop over it early ends the connection. */
export interface ArrivingBody extends AsyncIterable<Uint8Array> {
  /** Gives up the body: a rest of up to `most` bytes is read so that the connection can be used again, a longer one ends it. */
  discard(most: number): void;
}

export interface ExchangeOptions {
  readonly request: Dispatcher.DispatchOptions;
  /** Ends the exchange at any time: while it waits for a connection, for the answer, or for the rest of the body. */
  readonly signal: AbortSignal;
  /** Bytes of the body that wait for their reader before the socket is paused. */
  readonly buffer: number;
  /** Makes an error of the network one of ours. */
  readonly explain: (error: unknown) => Error;
  /** Called once when nothing more will come. */
  readonly onEnd: () => void;
}

/**
 * One exchange over a pool, by undici's plain handlers: its `request` makes a stream of every answer, which costs more than all the rest
 * of a small one.
 */
export function exchange(pool: Dispatcher, options: ExchangeOptions): Promise<ArrivingAnswer> {
  return new Promise((resolve, reject) => {
    const running = new Exchange(options, resolve, reject);
    if (!running.isOver) pool.dispatch(options.request, running);
  });
}

interface WaitingReader {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class Exchange implements Dispatcher.DispatchHandler, ArrivingBody, AsyncIterator<Uint8Array, undefined> {
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: ArrivingAnswer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #stopListening: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Nothing more will come. */
  #over = false;
  #failure: { readonly error: unknown } | undefined;
  #waiting: WaitingReader | undefined;
  readonly #chunks: Uint8Array[] = [];
  #buffered = 0;
  #received = 0;
  #announced = 0;
  /** Set when nobody wants the body: the most that is read of it. */
  #discarding: number | undefined;

  constructor(
    options: ExchangeOptions,
    resolve: (answer: ArrivingAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal } = options;
    this.#stopListening = onAbort(signal, () => this.#giveUp(abortReason(signal)));
    if (signal.aborted) this.#giveUp(abortReason(signal));
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Called again when undici sends the request over another connection. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // undici notices an abort only once the request has a connection.
    if (this.#failure !== undefined) controller.abort(asError(this.#failure.error));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return;
    const announced = Number(headers['content-length']);
    if (this.#options.request.method !== 'HEAD' && Number.isFinite(announced)) this.#announced = announced;
    this.#resolve({ status, headers, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#received += chunk.byteLength;
    if (this.#discarding !== undefined) {
      if (this.#received > this.#discarding) this.#giveUp(new Error('The body is not wanted.'));
      return;
    }
    const reader = this.#waiting;
    if (reader !== undefined) {
      this.#waiting = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.byteLength;
    if (this.#buffered >= this.#options.buffer) controller.pause();
  }

  onResponseEnd(): void {
    this.#end();
    this.#waiting?.resolve(DONE);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#fail(error);
  }

  discard(most: number): void {
    this.#discarding = most;
    this.#forget();
    if (this.#over) return;
    if (this.#announced > most || this.#received > most) this.#giveUp(new Error('The body is not wanted.'));
    else this.#controller?.resume();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.byteLength;
      if (this.#buffered < this.#options.buffer) this.#controller?.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    // Thrown in whoever reads, so that an error nobody waits for is none.
    if (this.#failure !== undefined) return Promise.reject(this.#options.explain(this.#failure.error));
    if (this.#over) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#forget();
    this.#giveUp(new Error('Nobody reads on.'));
    return Promise.resolve(DONE);
  }

  /** Ends the connection, and what has come but was not read is dropped. */
  #giveUp(error: Error): void {
    if (this.#over) return;
    this.#forget();
    this.#fail(error);
    this.#controller?.abort(error);
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#end();
    // Only one of the two still has somebody who waits.
    this.#reject(error);
    this.#waiting?.reject(this.#options.explain(error));
    this.#waiting = undefined;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopListening();
    this.#options.onEnd();
  }

  #forget(): void {
    this.#chunks.length = 0;
    this.#buffered = 0;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
