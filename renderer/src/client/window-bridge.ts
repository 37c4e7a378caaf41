import type { ClientMessage, HostMessage } from '../../../shared/contract/message.ts';

/** The one thing that the preload puts into the window: messages in both directions, nothing else. */
export interface WindowBridge {
  send(message: ClientMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
}

declare global {
  interface Window {
    /** Present in the Electron shell only. */
    readonly tallyman?: WindowBridge;
  }
}
