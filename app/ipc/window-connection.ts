import { ipcMain } from 'electron';
import type { IpcMainEvent, WebContents } from 'electron';
import type { Connection, Dispatcher } from '../../main/host/dispatch.ts';
import { TO_HOST, TO_WINDOW } from './channels.ts';
import { isOwnPage } from './is-own-page.ts';

/** Longest name of a document; the preload's is a UUID. */
const PAGE_NAME_LIMIT = 64;

/**
 * Joins the window's page with the services: messages of the one bridge, checked for who sends them, both ways. A
 * reload is a new connection; the calls of the document before it are cancelled.
 *
 * @param dispatcher - may still be starting: messages wait for it
 * @returns the function that ends the connection
 */
export function connectWindow(contents: WebContents, dispatcher: Promise<Dispatcher>): () => void {
  let current: { readonly page: string; readonly connection: Promise<Connection> } | undefined;

  const connectionOf = (page: string): Promise<Connection> => {
    if (current?.page === page) return current.connection;
    hangUp();
    const connection = dispatcher.then((services) =>
      services.connect((message) => {
        if (!contents.isDestroyed()) contents.send(TO_WINDOW, page, message);
      }),
    );
    current = { page, connection };
    return connection;
  };

  const hangUp = (): void => {
    current?.connection.then((connection) => connection.close()).catch(() => undefined);
    current = undefined;
  };

  const receive = (event: IpcMainEvent, page: unknown, message: unknown): void => {
    if (!isOwnPage(event, contents.id)) return;
    if (typeof page !== 'string' || page.length > PAGE_NAME_LIMIT) return;
    connectionOf(page)
      .then((connection) => connection.receive(message))
      .catch(() => undefined); // services that did not start end the program elsewhere
  };

  ipcMain.on(TO_HOST, receive);
  contents.on('render-process-gone', hangUp);
  contents.on('destroyed', hangUp);
  return () => {
    ipcMain.off(TO_HOST, receive);
    hangUp();
  };
}
