import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { ClientMessage, HostMessage, Transport } from '../../../shared/contract/message.ts';

/** Name of the WebSocket subprotocol that carries the bearer of this tab; the host answers with the same name. */
const BEARER_PROTOCOL = 'tallyman.bearer.';

/** The parts of the page's surroundings that this transport needs; tests give their own. */
export interface SocketSurroundings {
  /** Origin of the page, `http://127.0.0.1:PORT`. */
  readonly origin: string;
  openSocket(url: string, protocol: string): WebSocket;
}

/**
 * Messages over the loopback host's WebSocket. Resolves when the socket is open.
 *
 * @throws TallymanError UNREACHABLE when it cannot be opened (the host is gone, or the session has ended:
 *   the WebSocket API does not tell them apart).
 */
export function connectSocket(surroundings: SocketSurroundings, bearer: string): Promise<Transport> {
  const address = new URL('/socket', surroundings.origin);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = surroundings.openSocket(address.href, BEARER_PROTOCOL + bearer);

  const early: HostMessage[] = [];
  let deliver = (message: HostMessage): void => void early.push(message);
  let onClosed = (): void => undefined;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    onClosed();
  };

  socket.addEventListener('message', (event: MessageEvent) => {
    deliver(JSON.parse(String(event.data)) as HostMessage);
  });

  return new Promise((resolve, reject) => {
    socket.addEventListener('close', () => {
      reject(notReachable());
      end();
    });
    socket.addEventListener('open', () => {
      resolve({
        send(message: ClientMessage) {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
        },
        onMessage(listener) {
          deliver = listener;
          for (const message of early.splice(0)) listener(message);
        },
        onClose(listener) {
          onClosed = listener;
          if (ended) listener();
        },
      });
    });
  });
}

function notReachable(): TallymanError {
  return new TallymanError({
    code: 'UNREACHABLE',
    message: 'The services of Tallyman do not answer.',
    hint: 'Look whether the command that started them still runs. If it was started again, open the address that it printed.',
  });
}
