import { _electron } from '@playwright/test';
import type { Page } from '@playwright/test';
import { hostEnvironment } from './running-host.ts';
import type { HostStart, RunningHost } from './running-host.ts';
import { root } from './surroundings.ts';

/**
 * Starts the Electron shell from its folder, as `npm start` does. The program is found by ELECTRON_OVERRIDE_DIST_PATH and not named here: only
 * then Playwright holds `ready` back until it listens, and no window opens before.
 */
export async function startElectron(start: HostStart): Promise<RunningHost> {
  const electron = await _electron.launch({
    args: [root, ...(start.place === undefined ? [] : [start.place]), '--disable-gpu', '--lang=en-US'],
    cwd: start.dataFolder,
    env: hostEnvironment(start),
  });
  const page = await electron.firstWindow();
  await keepFocused(page);
  return { page, electron, close: () => electron.close() };
}

/** Without a window manager no window has the keyboard, and several share one display: the page is told that it has it. */
async function keepFocused(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await page.addInitScript(() => window.addEventListener('DOMContentLoaded', () => window.focus()));
  await page.evaluate(() => window.focus());
}
