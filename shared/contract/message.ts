import type { ErrorData } from '../errors/tallyman-error.ts';

/** What a client sends. Cancelling and ending a stream are messages like any other. */
export type ClientMessage =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: number };

/** What a host sends: steps and one end for each call, and broadcasts. */
export type HostMessage =
  | { readonly type: 'step'; readonly id: number; readonly step: unknown }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'broadcast'; readonly name: string; readonly payload: unknown };

/**
 * Carries messages and knows nothing of procedures: Electron IPC, a WebSocket, or two lambdas in one process.
 * Messages are structured-clone-safe and JSON-safe.
 */
export interface Transport {
  send(message: ClientMessage): void;
  /** One listener; messages that arrive before it is set are kept. */
  onMessage(listener: (message: HostMessage) => void): void;
  /** Called once when the other end is gone: every call in flight fails with UNREACHABLE. */
  onClose(listener: () => void): void;
}
