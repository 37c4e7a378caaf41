import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';
import { _electron, expect, test } from '@playwright/test';
import type { ElectronApplication } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { contentSecurityPolicy } from '../../main/host/page/page-headers.ts';
import { hostEnvironment } from '../support/running-host.ts';
import { packagedApplication } from '../support/surroundings.ts';
import { listAsar } from './read-asar.ts';

const executable = packagedApplication() ?? '';
/** As root Chromium runs only without its sandbox; Playwright adds the word itself. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
let dataFolder = '';

test.beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'tallyman packaged '));
});
test.afterEach(() => rm(dataFolder, { recursive: true, force: true, maxRetries: 5 }));

/** Playwright attaches itself to a packaged application while its window opens, and now and then waits for ever: it is asked again. */
async function launch(executablePath: string): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await _electron.launch({
        executablePath,
        args: ['--disable-gpu'],
        env: hostEnvironment({ dataFolder }),
        timeout: 15_000,
      });
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

test('the shipped application starts and shows its window', async () => {
  const child = spawn(executable, ['--startup-report', ...asRoot], {
    env: hostEnvironment({ dataFolder }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  try {
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), exit])) as [unknown];
    expect(String(line)).toMatch(/^Tallyman window shown \{"main":\d+,"ready":\d+,"shown":\d+\}$/);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await exit).toEqual([0, null]);
});

test('its fuses are blown as they should be', async () => {
  const state = (on: boolean): number => (on ? '1' : '0').charCodeAt(0);
  expect(await getCurrentFuseWire(executable)).toMatchObject({
    [FuseV1Options.RunAsNode]: state(false),
    [FuseV1Options.EnableCookieEncryption]: state(true),
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: state(false),
    [FuseV1Options.EnableNodeCliInspectArguments]: state(false),
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: state(true),
    [FuseV1Options.OnlyLoadAppFromAsar]: state(true),
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: state(false),
  });
});

test('its archive holds the bundles and nothing else', async () => {
  const resources =
    process.platform === 'darwin'
      ? path.join(path.dirname(executable), '..', 'Resources')
      : path.join(path.dirname(executable), 'resources');
  const files = await listAsar(path.join(resources, 'app.asar'));
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'assets.json',
      'app/main.mjs',
      'app/preload.cjs',
      'renderer/index.html',
    ]),
  );
  expect(
    files.filter(
      (file) =>
        !/^(?:package\.json|assets\.json|app\/[^/]+\.(?:mjs|cjs)|renderer\/index\.html|renderer\/assets\/[^/]+)$/.test(
          file,
        ),
    ),
  ).toEqual([]);
});

test('its window has no right beyond the bridge, and the policy of the web host', async () => {
  // The same program with one fuse set back, which Playwright needs.
  const inspectable = path.join(path.dirname(executable), `inspectable-${path.basename(executable)}`);
  await copyFile(executable, inspectable);
  await flipFuses(inspectable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  const electron = await launch(inspectable);
  try {
    const page = await electron.firstWindow();
    const preferences = await electron.evaluate(({ BrowserWindow, app }) => ({
      packaged: app.isPackaged,
      windows: BrowserWindow.getAllWindows().map((window) => ({
        ...(window.webContents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences(),
      })),
    }));
    expect(preferences.packaged).toBe(true);
    const [only = {}, ...others] = preferences.windows;
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    // Electron names some of these only when they differ from its own choice, which is off.
    const off = [
      'navigateOnDragDrop',
      'nodeIntegrationInSubFrames',
      'nodeIntegrationInWorker',
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'enableBlinkFeatures',
      'plugins',
    ];
    for (const name of off)
      expect([false, '', undefined], name).toContain((only as Record<string, unknown>)[name]);

    const headers = await page.evaluate(async () => Object.fromEntries((await fetch('/')).headers));
    expect(headers).toMatchObject({
      'content-security-policy': contentSecurityPolicy(),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });

    const permissions = await page.evaluate(async () => {
      const names = [
        'geolocation',
        'notifications',
        'camera',
        'microphone',
        'midi',
        'clipboard-read',
        'persistent-storage',
        'local-fonts',
        'window-management',
      ];
      const states = names.map(
        async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
      );
      return { states: await Promise.all(states), notification: Notification.permission };
    });
    expect(permissions).toEqual({ states: permissions.states.map(() => 'denied'), notification: 'denied' });
  } finally {
    await electron.close();
    await rm(inspectable, { force: true });
  }
});
