import { contextBridge, ipcRenderer } from 'electron';
import type { ClientMessage, HostMessage } from '../shared/contract/message.ts';
import { TO_HOST, TO_WINDOW } from './ipc/channels.ts';

/** Names this document: after a reload, answers to the document before it are not delivered. */
const page = crypto.randomUUID();

let deliver: ((message: HostMessage) => void) | undefined;
const early: HostMessage[] = [];

ipcRenderer.on(TO_WINDOW, (_event, receiver: unknown, message: HostMessage) => {
  if (receiver !== page) return;
  if (deliver === undefined) early.push(message);
  else deliver(message);
});

// The one bridge between the page and the services. Neither `ipcRenderer` nor its event object ever crosses.
contextBridge.exposeInMainWorld(
  'tallyman',
  Object.freeze({
    send(message: ClientMessage): void {
      ipcRenderer.send(TO_HOST, page, message);
    },
    onMessage(listener: (message: HostMessage) => void): void {
      deliver = listener;
      for (const message of early.splice(0)) listener(message);
    },
  }),
);
