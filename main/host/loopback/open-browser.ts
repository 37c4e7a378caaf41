import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LAUNCH_SECRET_LIFE } from './limits.ts';

/** How a system opens a file in the person's browser. */
interface Opener {
  readonly program: string;
  readonly words: readonly string[];
}

/**
 * The system's opener, or undefined where there is no desktop to open a browser on.
 *
 * @param file - what it shall open
 */
export function browserOpener(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Opener | undefined {
  if (platform === 'darwin') return { program: 'open', words: [file] };
  if (platform === 'win32') return { program: 'rundll32.exe', words: ['url.dll,FileProtocolHandler', file] };
  const desktop = (environment['DISPLAY'] ?? '') !== '' || (environment['WAYLAND_DISPLAY'] ?? '') !== '';
  return desktop ? { program: 'xdg-open', words: [file] } : undefined;
}

/**
 * The page that leads to the launch address. The address goes through a file of the person's own, because words of a
 * command can be read by every user of the machine (reliability bar, W4).
 */
export function redirectPage(address: string): string {
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Tallyman</title><meta http-equiv="refresh" content="0; url=${address}">\n`;
}

/** Opens the person's browser at a launch address, where there is one. A browser that does not come is no error: the address was printed. */
export async function openBrowser(address: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-')); // 0700
  const file = path.join(folder, 'open.html');
  const opener = browserOpener(file, process.env, process.platform);
  try {
    if (opener === undefined) return;
    await writeFile(file, redirectPage(address), { mode: 0o600, flag: 'wx' });
    const child = spawn(opener.program, opener.words, { stdio: 'ignore', detached: true });
    child.on('error', () => undefined);
    child.unref();
  } finally {
    // By then the secret in it is worthless; a browser reads it at once.
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    if (opener === undefined) await remove();
    else setTimeout(() => void remove(), LAUNCH_SECRET_LIFE).unref();
  }
}
