import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { GrantedFile } from '../shared/contract/files.ts';
import type { ClientMessage, HostMessage } from '../shared/contract/message.ts';
import { GRANT_FILES, TO_HOST, TO_WINDOW } from './ipc/channels.ts';

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
    // Only the browser itself makes files that have a path: the page can neither invent one nor see it.
    grantFiles(files: readonly File[]): Promise<readonly GrantedFile[]> {
      const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
      return ipcRenderer.invoke(GRANT_FILES, paths) as Promise<readonly GrantedFile[]>;
    },
  }),
);
