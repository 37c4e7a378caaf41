import { setMaxListeners } from 'node:events';
import type { z } from 'zod';
import type { BroadcastName, ProcedureName } from '../../shared/contract/contract.ts';
import { broadcasts, contract } from '../../shared/contract/contract.ts';
import type { HostMessage } from '../../shared/contract/message.ts';
import { isCancellation, TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Handlers } from './handlers.ts';
import type { Log } from './log.ts';

/** Calls that one connection may have running at once; a window needs a handful, a flood is refused with LIMIT. */
export const IN_FLIGHT_LIMIT = 128;
/** Characters of an error text that cross; texts of registries are cut long before, this is the last line. */
export const ERROR_TEXT_LIMIT = 8192;
/** Complaints about one input that are named in its error. */
const NAMED_ISSUES = 3;

/** What the dispatcher needs of the services. */
export interface DispatchedServices {
  readonly handlers: Handlers;
  readonly log: Log;
  /** Returns the function that unsubscribes. */
  readonly onBroadcast: (listener: (name: BroadcastName, payload: unknown) => void) => () => void;
}

/** One window, tab or command at the other end of a transport. */
export interface Connection {
  /** Takes whatever the transport brought; nothing about it is believed. Answers go through the connection's `send`. */
  receive(message: unknown): void;
  /** Cancels every call in flight; nothing is sent afterwards. */
  close(): void;
}

export interface Dispatcher {
  connect(send: (message: HostMessage) => void): Connection;
}

/**
 * The one door to the services: validates what comes in and what goes out against the contract, keeps calls apart,
 * carries cancellation, and turns every failure into data of the closed set. Faults of Tallyman itself cross as
 * INTERNAL without their text, which may hold anything; text and stack go to the log.
 */
export function createDispatcher(services: DispatchedServices): Dispatcher {
  return {
    connect(send) {
      const calls = new Map<number, AbortController>();
      /** Handlers at work, also those whose call was cancelled: a cancel must not make room before it took effect. */
      let running = 0;
      let open = true;

      const answer = (message: HostMessage): void => {
        if (open) send(message);
      };

      const stopBroadcasts = services.onBroadcast((name, payload) => {
        const checked = broadcasts[name].safeParse(payload);
        if (checked.success) answer({ type: 'broadcast', name, payload: checked.data });
        else
          services.log({
            level: 'error',
            from: 'dispatch',
            message: `Broadcast ${name} breaks the contract: ${issuesOf(checked.error)}`,
          });
      });

      const call = async (
        id: number,
        name: ProcedureName,
        input: unknown,
        controller: AbortController,
      ): Promise<void> => {
        running += 1;
        try {
          const value = await perform(services, name, input, controller.signal, (step) => {
            // Steps of a call that was cancelled or has ended would meet nobody.
            if (calls.get(id) === controller) answer({ type: 'step', id, step });
          });
          if (finish(calls, id, controller)) answer({ type: 'result', id, value });
        } catch (error) {
          if (finish(calls, id, controller))
            answer({ type: 'error', id, error: errorToSend(error, name, services.log) });
        } finally {
          running -= 1;
        }
      };

      return {
        receive(message) {
          if (!open) return;
          const parsed = parseMessage(message);
          if (parsed === undefined) {
            services.log({
              level: 'warning',
              from: 'dispatch',
              message: 'Dropped a message that is neither a call nor a cancel.',
            });
            return;
          }
          const { id } = parsed;
          if (parsed.type === 'cancel') {
            const cancelled = calls.get(id);
            // Off the list first: what the handler does on hearing of it must not be sent any more.
            calls.delete(id);
            cancelled?.abort();
            return;
          }
          const refusal = refuse(calls, running, id, parsed.name);
          if (refusal !== undefined) {
            answer({ type: 'error', id, error: refusal });
            return;
          }
          const controller = new AbortController();
          // One call asks many questions at once, each of which listens: that is no leak, and no reason for Node's warning.
          setMaxListeners(0, controller.signal);
          calls.set(id, controller);
          void call(id, parsed.name as ProcedureName, parsed.input, controller);
        },
        close() {
          open = false;
          stopBroadcasts();
          for (const controller of calls.values()) controller.abort();
          calls.clear();
        },
      };
    },
  };
}

/** True when the call was still waited for, and takes it off the list. */
function finish(calls: Map<number, AbortController>, id: number, controller: AbortController): boolean {
  if (calls.get(id) !== controller) return false;
  return calls.delete(id);
}

function refuse(
  calls: ReadonlyMap<number, AbortController>,
  running: number,
  id: number,
  name: string,
): ErrorData | undefined {
  // `in` would find `constructor` and `__proto__` on the prototype.
  if (!Object.hasOwn(contract, name)) {
    return {
      code: 'INVALID_INPUT',
      message: 'This host was asked for an unknown procedure.',
      hint: 'The window and the host are of different versions: reload the window, or start Tallyman again.',
    };
  }
  if (calls.has(id))
    return {
      code: 'INVALID_INPUT',
      message: `Call ${id} is still running: a call needs a number of its own.`,
    };
  if (running >= IN_FLIGHT_LIMIT) {
    return {
      code: 'LIMIT',
      message: `More than ${IN_FLIGHT_LIMIT} calls at once on one connection.`,
      hint: 'Wait for some of them to end, or cancel them.',
      details: { limit: IN_FLIGHT_LIMIT },
    };
  }
  return undefined;
}

type Message =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: number };

/** Written by hand: this runs for every message, also for those that are garbage on purpose. */
function parseMessage(message: unknown): Message | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, id, name, input } = message as Record<string, unknown>;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined;
  if (type === 'cancel') return { type, id };
  if (type === 'call' && typeof name === 'string') return { type, id, name, input };
  return undefined;
}

type LooseHandler = (
  input: unknown,
  context: { signal: AbortSignal; step(step: unknown): void },
) => Promise<unknown>;

async function perform(
  services: DispatchedServices,
  name: ProcedureName,
  input: unknown,
  signal: AbortSignal,
  send: (step: unknown) => void,
): Promise<unknown> {
  const procedure = contract[name];
  const checkedInput = procedure.input.safeParse(input);
  if (!checkedInput.success) {
    throw new TallymanError({
      code: 'INVALID_INPUT',
      message: `The input of ${name} breaks the contract: ${issuesOf(checkedInput.error)}.`,
      hint: 'The window and the host are of different versions: reload the window, or start Tallyman again.',
    });
  }
  // Steps are checked while the handler runs, but its fault must not be swallowed by code that sends and goes on.
  let brokenStep: z.ZodError | undefined;
  const step = (value: unknown): void => {
    const checked = procedure.step.safeParse(value);
    if (checked.success) send(checked.data);
    else brokenStep ??= checked.error;
  };
  const output = await (services.handlers[name] as LooseHandler)(checkedInput.data, { signal, step });
  if (brokenStep !== undefined) throw new ContractFault(name, 'step', brokenStep);
  const checkedOutput = procedure.output.safeParse(output);
  if (!checkedOutput.success) throw new ContractFault(name, 'output', checkedOutput.error);
  return checkedOutput.data;
}

/** A handler gave something that the contract does not allow: a fault of Tallyman, named in the log. */
class ContractFault extends Error {
  override readonly name = 'ContractFault';

  constructor(procedure: ProcedureName, part: 'step' | 'output', error: z.ZodError) {
    super(`The ${part} of ${procedure} breaks the contract: ${issuesOf(error)}`);
  }
}

/** Where a value breaks its schema and what was expected there; never the value itself. */
function issuesOf(error: z.ZodError): string {
  const named = error.issues.slice(0, NAMED_ISSUES).map((issue) => {
    const path = issue.path.map(String).join('.').slice(0, 100);
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const more = error.issues.length - named.length;
  return named.join('; ').slice(0, 500) + (more > 0 ? `; and ${more} more` : '');
}

function errorToSend(error: unknown, name: ProcedureName, log: Log): ErrorData {
  if (error instanceof TallymanError || isCancellation(error)) return cut(toErrorData(error));
  const fault = error instanceof Error ? error : new Error(String(error));
  log({
    level: 'error',
    from: 'dispatch',
    message: `${name}: ${fault.message}`,
    ...(fault.stack === undefined ? {} : { stack: fault.stack }),
  });
  // The text of an unknown fault may hold paths, bytes or secrets: only its class crosses.
  return toErrorData(
    new TallymanError({
      code: 'INTERNAL',
      message: `${name} failed unexpectedly (${/^[A-Za-z]{1,40}$/.test(fault.name) ? fault.name : 'Error'}).`,
      hint: 'This is a fault of Tallyman: please report it with the steps that led here; the log has the details.',
    }),
  );
}

function cut(data: ErrorData): ErrorData {
  const short = (text: string): string =>
    text.length > ERROR_TEXT_LIMIT ? `${text.slice(0, ERROR_TEXT_LIMIT)}…` : text;
  return {
    ...data,
    message: short(data.message),
    ...(data.hint === undefined ? {} : { hint: short(data.hint) }),
  };
}
