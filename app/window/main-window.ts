import { BrowserWindow, nativeTheme, screen } from 'electron';
import path from 'node:path';
import { PAGE_ADDRESS } from '../page-address.ts';
import { readWindowState, writeWindowState } from './window-state.ts';

/** Size of the first window, in device-independent pixels. */
const FIRST_SIZE = { width: 1360, height: 860 };
const SMALLEST_SIZE = { minWidth: 420, minHeight: 420 };

/** `--bg` of the two themes (renderer/src/styles/tokens.css): what is seen before the page's first paint. */
const BACKGROUND = { light: '#ffffff', dark: '#14171c' };

/** Milliseconds that a page's process must have lasted to be started again: one that ends at once would do so for ever. */
const RELOAD_PAUSE = 60_000;

export interface MainWindowOptions {
  /** Folder with `preload.cjs`. */
  readonly bundleFolder: string;
  /** File in which place and size are remembered. */
  readonly stateFile: string;
}

/** Opens the one window, hidden until its first paint, without any right beyond the preload's bridge (reliability bar, F1). */
export function openMainWindow({ bundleFolder, stateFile }: MainWindowOptions): BrowserWindow {
  const state = readWindowState(
    stateFile,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...(state === undefined
      ? FIRST_SIZE
      : { x: state.x, y: state.y, width: state.width, height: state.height }),
    ...SMALLEST_SIZE,
    show: false,
    title: 'Tallyman',
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: path.join(bundleFolder, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (state?.maximized === true) window.maximize();
    window.show();
  });
  window.on('close', () => {
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() });
  });
  reloadAfterCrash(window);
  void window.loadURL(PAGE_ADDRESS);
  return window;
}

function reloadAfterCrash(window: BrowserWindow): void {
  let last = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || reason === 'killed' || Date.now() - last < RELOAD_PAUSE) return;
    last = Date.now();
    window.webContents.reload();
  });
}
