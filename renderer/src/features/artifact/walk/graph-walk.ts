import type { Client } from '../../../../../shared/contract/client.ts';
import type { TargetAddress } from '../../../../../shared/contract/common.ts';
import type { GraphStep, GraphSummary } from '../../../../../shared/contract/graph.ts';
import { isCancellation, toErrorData, type ErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import { applySteps, EMPTY_GRAPH, type GraphModel } from '../model/graph-model.ts';

/** What is known of a walk at one moment. A new object whenever something changed. */
export interface WalkState {
  /**
   * - `walking`: nodes may still come
   * - `done`: the whole graph, or as much of it as the place gave
   * - `failed`: the walk itself ended early (`error` says why); what had come stays
   */
  readonly phase: 'walking' | 'done' | 'failed';
  readonly model: GraphModel;
  readonly summary?: GraphSummary;
  readonly error?: ErrorData;
  /** True while an earlier picture stays until the new walk has ended. */
  readonly refreshing: boolean;
  /** Requests still running or waiting, of the walk under way. */
  readonly pending: number;
}

/** From this many nodes on, copying the model with every frame would cost frames. */
const MANY_NODES = 5000;
/** Between two updates of a graph with many nodes, in milliseconds. */
const MANY_NODES_INTERVAL = 500;

/** What to walk: a tag or digest of a place, or a whole layout. */
export interface WalkQuestion {
  readonly client: Client;
  readonly target: TargetAddress;
  readonly reference: string | undefined;
}

interface WalkOptions {
  /** A finished picture of the same question, shown until the new walk has ended. */
  readonly earlier?: WalkState | undefined;
  /** Runs a function once before the next picture is painted; answers how to call it off. */
  readonly schedule?: (flush: () => void) => () => void;
  readonly onDone?: (state: WalkState) => void;
}

/**
 * One walk of the services as a store for React: takes steps as they come, applies them at most once per frame, and stops the
 * services when nobody looks any more.
 */
export class GraphWalk {
  readonly #question: WalkQuestion;
  readonly #schedule: (flush: () => void) => () => void;
  readonly #onDone: ((state: WalkState) => void) | undefined;
  readonly #listeners = new Set<() => void>();
  #state: WalkState;
  #running: AbortController | undefined;

  constructor(question: WalkQuestion, options: WalkOptions = {}) {
    this.#question = question;
    this.#schedule = options.schedule ?? pacedFrames();
    this.#onDone = options.onDone;
    const { earlier } = options;
    this.#state =
      earlier === undefined
        ? { phase: 'walking', model: EMPTY_GRAPH, refreshing: false, pending: 0 }
        : { ...earlier, phase: 'walking', refreshing: true, pending: 0 };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): WalkState => this.#state;

  /** Begins the walk, or begins it again: what is shown stays until the new one has ended, if it shows anything. */
  start(): void {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const keep = this.#state.model.nodes.size > 0;
    const shown = keep ? this.#state.model : EMPTY_GRAPH;
    this.#set({ ...this.#withoutEnd(), phase: 'walking', model: shown, refreshing: keep, pending: 0 });
    void this.#walk(running.signal, keep);
  }

  /** Ends the walk under way; the services stop their requests. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #walk(signal: AbortSignal, keep: boolean): Promise<void> {
    let model = EMPTY_GRAPH;
    let steps: GraphStep[] = [];
    let callOff: (() => void) | undefined;
    const take = (): void => {
      callOff?.();
      callOff = undefined;
      model = applySteps(model, steps);
      steps = [];
    };
    const flush = (): void => {
      callOff = undefined;
      if (signal.aborted) return;
      take();
      this.#set({ ...this.#state, ...(keep ? {} : { model }), pending: model.pending });
    };
    const schedule = this.#schedule;
    const { client, target, reference } = this.#question;
    try {
      const summary = await client.call(
        'graph.walk',
        { target, ...(reference === undefined ? {} : { reference }) },
        {
          signal,
          onStep(step) {
            steps.push(step);
            callOff ??= model.nodes.size > MANY_NODES ? afterAWhile(flush) : schedule(flush);
          },
        },
      );
      if (signal.aborted) return;
      take();
      this.#set({ phase: 'done', model, summary, refreshing: false, pending: 0 });
      this.#onDone?.(this.#state);
    } catch (error) {
      callOff?.();
      if (signal.aborted || isCancellation(error)) return;
      take();
      const rest = keep ? this.#withoutEnd() : { model };
      this.#set({
        ...this.#withoutEnd(),
        ...rest,
        phase: 'failed',
        error: toErrorData(error),
        refreshing: false,
        pending: 0,
      });
    }
  }

  /** The state without its error; a summary stays as long as its picture does. */
  #withoutEnd(): WalkState {
    const { phase, model, summary, refreshing, pending } = this.#state;
    return { phase, model, refreshing, pending, ...(summary === undefined ? {} : { summary }) };
  }

  #set(state: WalkState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Between two updates of a graph, in milliseconds: numbers that change faster cannot be read. */
const FLUSH_INTERVAL = 80;

/** Runs functions just before the next picture is painted, the first at once, further ones at a readable pace. */
function pacedFrames(): (flush: () => void) => () => void {
  let last = -Infinity;
  return (flush) => {
    let frame: number | undefined;
    const timer = setTimeout(
      () => {
        frame = requestAnimationFrame(() => {
          last = performance.now();
          flush();
        });
      },
      Math.max(0, last + FLUSH_INTERVAL - performance.now()),
    );
    return () => {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  };
}

function afterAWhile(flush: () => void): () => void {
  const timer = setTimeout(flush, MANY_NODES_INTERVAL);
  return () => clearTimeout(timer);
}
