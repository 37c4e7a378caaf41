import { createClient } from '../../../shared/contract/client.ts';
import type { Client } from '../../../shared/contract/client.ts';
import type { Transport } from '../../../shared/contract/message.ts';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';

/** Waits between attempts to reach the services again, in milliseconds; the last one repeats. */
const WAITS = [400, 800, 1600, 3000, 5000] as const;

export interface ConnectionListener {
  readonly onOpen: (client: Client) => void;
  readonly onLost: (error: ErrorData) => void;
}

export interface KeptConnection {
  /** Tries at once instead of at the next turn. */
  readonly retry: () => void;
  readonly stop: () => void;
}

/**
 * Opens a connection and opens it again whenever it breaks, in growing steps. Gives up trying by itself only when the
 * host refuses this window (UNAUTHORIZED): then only another address helps.
 */
export function keepConnected(
  connect: () => Promise<Transport>,
  listener: ConnectionListener,
): KeptConnection {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (turn: number): void => {
    clearTimeout(timer);
    const mine = ++attempt;
    const lost = (error: ErrorData): void => {
      if (mine !== attempt) return;
      listener.onLost(error);
      if (error.code === 'UNAUTHORIZED') return;
      timer = setTimeout(() => open(turn + 1), WAITS[Math.min(turn, WAITS.length - 1)]);
    };
    connect().then(
      (transport) => {
        if (mine !== attempt) return;
        const broken = (): void =>
          lost({ code: 'UNREACHABLE', message: 'The connection to the services of Tallyman broke off.' });
        listener.onOpen(createClient(withCloseListener(transport, broken)));
      },
      (reason: unknown) => lost(toErrorData(reason)),
    );
  };
  open(0);

  return {
    retry: () => open(0),
    stop: () => {
      attempt++;
      clearTimeout(timer);
    },
  };
}

/** The transport with one more listener for its end: the client's comes first, so its calls have failed by then. */
function withCloseListener(transport: Transport, onClosed: () => void): Transport {
  return {
    send: (message) => transport.send(message),
    onMessage: (listener) => transport.onMessage(listener),
    onClose: (listener) =>
      transport.onClose(() => {
        listener();
        onClosed();
      }),
  };
}
