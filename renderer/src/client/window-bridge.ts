import type { GrantedFile } from '../../../shared/contract/files.ts';
import type { ClientMessage, HostMessage } from '../../../shared/contract/message.ts';

/** The one thing that the preload puts into the window: messages in both directions, and a way for dropped files. */
export interface WindowBridge {
  send(message: ClientMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
  /** Tokens for files and folders that were dropped on the page; their paths never come into it. */
  grantFiles(files: readonly File[]): Promise<readonly GrantedFile[]>;
}

declare global {
  interface Window {
    /** Present in the Electron shell only. */
    readonly tallyman?: WindowBridge;
  }
}
