import { setMaxListeners } from 'node:events';

/**
 * Calls `listener` once when the signal aborts; the returned function takes it back. One signal may stand for
 * hundreds of requests, so Node's warning about many listeners is switched off for it.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
