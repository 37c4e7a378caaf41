import type { HostMessage, Transport } from '../../shared/contract/message.ts';
import type { Dispatcher } from './dispatch.ts';

/** A transport inside one process, with the end that a socket would have. */
export interface InProcessTransport extends Transport {
  close(): void;
}

/**
 * Joins a client and the services in one process: the command line and tests. It behaves like a remote one: messages
 * arrive later, in order, as copies that share no object with the sender, and what a structured clone cannot carry fails.
 */
export function connectInProcess(dispatcher: Dispatcher): InProcessTransport {
  let listener: ((message: HostMessage) => void) | undefined;
  let onClose: (() => void) | undefined;
  const early: HostMessage[] = [];
  let closed = false;

  const deliver = (message: HostMessage): void => {
    if (closed) return;
    if (listener === undefined) early.push(message);
    else listener(message);
  };
  const connection = dispatcher.connect((message) => {
    const copy = structuredClone(message);
    setImmediate(() => deliver(copy));
  });

  return {
    send(message) {
      if (closed) return;
      const copy = structuredClone(message);
      setImmediate(() => connection.receive(copy));
    },
    onMessage(next) {
      listener = next;
      for (const message of early.splice(0)) next(message);
    },
    onClose(next) {
      onClose = next;
    },
    close() {
      if (closed) return;
      closed = true;
      connection.close();
      onClose?.();
    },
  };
}
