import type { BrowserWindow } from 'electron';
import { app, dialog, session } from 'electron';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLACE_TEXT_LIMIT } from '../shared/contract/place-text-limit.ts';
import { readAssetMap } from '../main/host/page/asset-map.ts';
import { createLogFile } from '../main/host/page/log-file.ts';
import { dataFolder } from '../main/host/data-folder.ts';
import { guardContents } from './guards/guard-contents.ts';
import { guardSession } from './guards/guard-session.ts';
import { askToOpenExternal } from './guards/open-external.ts';
import { grantDroppedFiles } from './ipc/file-grants.ts';
import { connectWindow } from './ipc/window-connection.ts';
import { setApplicationMenu } from './menu/application-menu.ts';
import { servePage } from './page-protocol.ts';
import { reportStartup } from './startup-report.ts';
import { createDragStarter } from './window/start-drag.ts';
import { openMainWindow } from './window/main-window.ts';
import { createFilePicker } from './window/pick-files.ts';
import { createPathPicker } from './window/pick-path.ts';

/** Milliseconds that the services have to end what they do when the program quits. */
const CLOSING_LIMIT = 3000;

/**
 * Runs the one window and the services behind it. Both start at once; what the page asks before the services stand waits for them.
 *
 * @param open - the place given on the command line
 */
export function runApplication(open: string | undefined): void {
  const bundleFolder = path.dirname(fileURLToPath(import.meta.url));
  const folder = dataFolder(process.env);
  const log = createLogFile(path.join(folder, 'log'));
  const drags = createDragStarter();
  let window: BrowserWindow | undefined;

  const services = import('./start-services.ts').then(({ startServices }) =>
    startServices({
      dataFolder: folder,
      log,
      ports: {
        pickPath: createPathPicker(() => window),
        pickFiles: createFilePicker(() => window),
        startDrag: (file) => drags.start(file),
      },
      open,
    }),
  );
  const dispatcher = services.then((started) => started.dispatcher);
  const assets = readAssetMap(path.join(bundleFolder, '..'));

  const fail = (what: string, error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    log({
      level: 'error',
      from: 'app',
      message: `${what}: ${message}`,
      ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
    });
    dialog.showErrorBox('Tallyman cannot start', `${what}: ${message}`);
    app.exit(1);
  };
  services.catch((error: unknown) => fail('The services did not start', error));
  assets.catch((error: unknown) => fail('The window was not built (npm run build)', error));

  const show = (): void => {
    if (window === undefined) {
      window = openWindow();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.focus();
  };

  const openWindow = (): BrowserWindow => {
    const opened = openMainWindow({
      bundleFolder,
      stateFile: path.join(app.getPath('userData'), 'window.json'),
    });
    const disconnect = connectWindow(opened.webContents, dispatcher);
    const endGrants = grantDroppedFiles(opened.webContents, async (paths) =>
      (await services).grantFiles(paths),
    );
    drags.follow(opened.webContents);
    reportStartup(opened);
    opened.on('closed', () => {
      disconnect();
      endGrants();
      window = undefined;
    });
    return opened;
  };

  const broadcast: Awaited<typeof services>['broadcast'] = (name, payload) => {
    void services.then((started) => started.broadcast(name, payload)).catch(() => undefined);
  };

  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, (address) => {
      if (window !== undefined) void askToOpenExternal(window, address);
    });
  });
  app.on('second-instance', (_event, _words, _folder, data) => {
    show();
    const place = (data as { readonly open?: unknown } | null)?.open;
    if (typeof place === 'string' && place.length <= PLACE_TEXT_LIMIT)
      broadcast('place.open', { text: place });
  });
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('render-process-gone', (_event, _contents, { reason }) =>
    log({ level: 'error', from: 'app', message: `The page's process ended: ${reason}` }),
  );
  app.on('child-process-gone', (_event, { type, reason }) => {
    if (reason !== 'clean-exit')
      log({ level: 'warning', from: 'app', message: `A process of type ${type} ended: ${reason}` });
  });
  quitAfter(async () => (await services).close());

  void app.whenReady().then(() => {
    performance.mark('ready');
    guardSession(session.defaultSession);
    servePage(session.defaultSession, assets, async (place) => (await services).answerSave(place));
    show();
    setApplicationMenu((command) => broadcast('command.run', { command }));
  });
}

/** Lets `close` end, or have had its time, before the process goes. */
function quitAfter(close: () => Promise<void>): void {
  app.once('will-quit', (event) => {
    event.preventDefault();
    const limit = new Promise((resolve) => setTimeout(resolve, CLOSING_LIMIT));
    // A second `quit` would wait for ever under a debugger; every window is closed by now.
    void Promise.race([close().catch(() => undefined), limit]).then(() => app.exit(0));
  });
}
