import type { z } from 'zod';
import type { Contract, ProcedureName } from '../../shared/contract/contract.ts';

/** Data that nobody may change any more, all the way down: what a handler gives away. */
export type Immutable<Value> = Value extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
    : Value;

/** What surrounds one call: its end, and its way to send steps. */
export interface CallContext<Name extends ProcedureName> {
  /** Aborted when the caller cancels, its connection closes, or the services close. */
  readonly signal: AbortSignal;
  /** Sends one step of a long answer; steps arrive in order and before the answer. */
  readonly step: (step: Immutable<z.input<Contract[Name]['step']>>) => void;
}

/**
 * The work behind one procedure of the contract. Input is validated before, steps and output after.
 * It throws a `TallymanError` for everything a person can do something about.
 */
export type Handler<Name extends ProcedureName> = (
  input: Immutable<z.output<Contract[Name]['input']>>,
  context: CallContext<Name>,
) => Promise<Immutable<z.input<Contract[Name]['output']>>>;

/** The handlers of some procedures: each service gives the part it is responsible for. */
export type HandlersOf<Name extends ProcedureName> = { readonly [Each in Name]: Handler<Each> };

/** A handler for every procedure; the compiler refuses a service that forgets one. */
export type Handlers = HandlersOf<ProcedureName>;
