import type { Transport } from '../../../shared/contract/message.ts';
import { connectBridge } from './bridge-transport.ts';
import { openSession } from './session.ts';
import { connectSocket } from './socket-transport.ts';
import './window-bridge.ts';

/** The way to the services from this window: the preload's bridge in Electron, a WebSocket to the loopback host elsewhere. */
export async function connect(): Promise<Transport> {
  if (window.tallyman !== undefined) return connectBridge(window.tallyman);
  const bearer = await openSession({
    hash: window.location.hash,
    replaceHash: (hash) => window.history.replaceState(null, '', hash),
    storage: window.sessionStorage,
    fetch: (input, init) => window.fetch(input, init),
  });
  return connectSocket(
    { origin: window.location.origin, openSocket: (url, protocol) => new WebSocket(url, protocol) },
    bearer,
  );
}
