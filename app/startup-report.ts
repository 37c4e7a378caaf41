import { app } from 'electron';
import type { BrowserWindow } from 'electron';

/**
 * Tells whoever started the program that its window is shown: the parent process over its channel (`npm start`), and a person who gave
 * `--startup-report` with one line on stdout, in milliseconds since the process began.
 */
export function reportStartup(window: BrowserWindow): void {
  window.once('show', () => {
    process.send?.('window-shown');
    if (process.connected) process.disconnect();
    if (!app.commandLine.hasSwitch('startup-report')) return;
    const began = process.getCreationTime() ?? performance.timeOrigin;
    const since = (time: number): number => Math.round(performance.timeOrigin + time - began);
    const mark = (name: string): number => since(performance.getEntriesByName(name)[0]?.startTime ?? 0);
    process.stdout.write(
      `Tallyman window shown ${JSON.stringify({ main: mark('main'), ready: mark('ready'), shown: since(performance.now()) })}\n`,
    );
  });
}
