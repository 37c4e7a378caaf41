import { TallymanError } from '../errors/tallyman-error.ts';
import type {
  Broadcast,
  BroadcastName,
  ProcedureInput,
  ProcedureName,
  ProcedureOutput,
  ProcedureStep,
} from './contract.ts';
import type { Transport } from './message.ts';

export interface CallOptions<Name extends ProcedureName> {
  /** Aborting sends `cancel` and rejects with CANCELLED at once. */
  readonly signal?: AbortSignal;
  readonly onStep?: (step: ProcedureStep<Name>) => void;
}

/** The one way from a window (or the command line, or a test) to the services. */
export interface Client {
  call<Name extends ProcedureName>(
    name: Name,
    input: ProcedureInput<Name>,
    options?: CallOptions<Name>,
  ): Promise<ProcedureOutput<Name>>;
  /** Returns the function that unsubscribes. */
  on<Name extends BroadcastName>(name: Name, listener: (payload: Broadcast<Name>) => void): () => void;
}

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onStep: ((step: unknown) => void) | undefined;
}

/** A client over any transport. Answers are validated by the dispatcher on the other side, so it needs no schema. */
export function createClient(transport: Transport): Client {
  const pending = new Map<number, PendingCall>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let nextId = 1;
  let closed = false;

  transport.onMessage((message) => {
    if (message.type === 'broadcast') {
      for (const listener of listeners.get(message.name) ?? []) listener(message.payload);
      return;
    }
    const call = pending.get(message.id);
    if (call === undefined) return; // cancelled meanwhile
    if (message.type === 'step') {
      call.onStep?.(message.step);
      return;
    }
    pending.delete(message.id);
    if (message.type === 'result') call.resolve(message.value);
    else call.reject(new TallymanError(message.error));
  });

  transport.onClose(() => {
    closed = true;
    for (const call of pending.values()) call.reject(hostGone());
    pending.clear();
  });

  return {
    call(name, input, options = {}) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(hostGone());
          return;
        }
        const { signal, onStep } = options;
        if (signal?.aborted === true) {
          reject(cancelled());
          return;
        }
        const id = nextId++;
        const onAbort = (): void => {
          pending.delete(id);
          transport.send({ type: 'cancel', id });
          reject(cancelled());
        };
        const settle =
          <Value>(end: (value: Value) => void) =>
          (value: Value): void => {
            signal?.removeEventListener('abort', onAbort);
            end(value);
          };
        pending.set(id, {
          resolve: settle(resolve as (value: unknown) => void),
          reject: settle(reject),
          onStep: onStep as ((step: unknown) => void) | undefined,
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        transport.send({ type: 'call', id, name, input });
      });
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      const plain = listener as (payload: unknown) => void;
      set.add(plain);
      return () => set.delete(plain);
    },
  };
}

function hostGone(): TallymanError {
  return new TallymanError({
    code: 'UNREACHABLE',
    message: 'The services of Tallyman are gone.',
    hint: 'Start Tallyman again; what was shown stays readable until then.',
  });
}

function cancelled(): TallymanError {
  return new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
}
