import type { HostMessage, Transport } from '../../../shared/contract/message.ts';
import type { WindowBridge } from './window-bridge.ts';

/**
 * Messages over the preload's bridge. The window does not outlive the process behind it,
 * so this transport never closes. Messages that come before the client listens are kept.
 */
export function connectBridge(bridge: WindowBridge): Transport {
  const early: HostMessage[] = [];
  let deliver = (message: HostMessage): void => void early.push(message);
  bridge.onMessage((message) => deliver(message));
  return {
    send: (message) => bridge.send(message),
    onMessage(listener) {
      deliver = listener;
      for (const message of early.splice(0)) listener(message);
    },
    onClose() {
      // Nothing to report: see above.
    },
  };
}
