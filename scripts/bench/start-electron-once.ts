import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { end } from './window.ts';

/** Most milliseconds that a window may take before the benchmark gives up. */
const LIMIT = 60_000;

/**
 * Milliseconds from the start command to its window. With `bare`, the same Electron around an empty page instead, started
 * directly: what nobody can be faster than.
 */
export async function startElectronOnce(options: {
  readonly root: string;
  /** Folder of the Electron runtime. */
  readonly electron: string;
  readonly data: string;
  readonly bare?: boolean;
}): Promise<number> {
  const words =
    options.bare === true
      ? [path.join(options.electron, 'electron'), '--no-sandbox', await bareApplication(options.data)]
      : [process.execPath, path.join(options.root, 'scripts/start.mjs')];
  const [program = '', ...rest] = words;
  const start = performance.now();
  const child = spawn(program, rest, {
    cwd: options.data,
    env: { ...process.env, TALLYMAN_DATA: options.data, ELECTRON_OVERRIDE_DIST_PATH: options.electron },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('No window came.')), LIMIT);
      child.on('message', (word) => {
        if (word !== 'window-shown') return;
        clearTimeout(timer);
        resolve(performance.now() - start);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`Electron ended with ${code} before there was a window.`));
      });
    });
  } finally {
    await end(child);
  }
}

async function bareApplication(data: string): Promise<string> {
  const folder = path.join(data, 'bare');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'bare', main: 'main.cjs' }));
  await writeFile(
    path.join(folder, 'main.cjs'),
    [
      "const { app, BrowserWindow } = require('electron');",
      "app.setPath('userData', __dirname + '/profile');",
      'app.whenReady().then(() => {',
      '  const window = new BrowserWindow({ show: false });',
      "  window.once('ready-to-show', () => { window.show(); process.send('window-shown'); });",
      "  window.loadURL('data:text/html,<p>bare');",
      '});',
    ].join('\n'),
  );
  return folder;
}
