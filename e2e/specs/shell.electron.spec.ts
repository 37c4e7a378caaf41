import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { writeOneLayerLayout } from '../support/one-layer-layout.ts';
import { hostEnvironment } from '../support/running-host.ts';
import { root } from '../support/surroundings.ts';
import { expect, test } from '../support/test.ts';

// What only the Electron shell does.

const bounds = (electron: ElectronApplication): Promise<unknown> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getBounds()));

test('a second start hands its place to the first window and ends', async ({ app, temporaryFolder }) => {
  await expect(app.page.locator('#root > *').first()).toBeVisible();
  await writeOneLayerLayout(path.join(temporaryFolder, 'a layout'), 'hello', 'text/plain');
  const program = path.join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '', 'electron');
  const second = spawn(program, ['--no-sandbox', root, './a layout'], {
    cwd: temporaryFolder,
    env: hostEnvironment({ dataFolder: app.dataFolder }),
    stdio: 'ignore',
  });
  expect(await once(second, 'exit')).toEqual([0, null]);
  await expect
    .poll(
      async () => await app.electron!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length),
    )
    .toBe(1);
  await expect(app.page.getByText('a layout').first()).toBeVisible();
});

test('the window comes back where it stood', async ({ start, temporaryFolder }) => {
  const dataFolder = path.join(temporaryFolder, 'kept');
  const first = await start({ dataFolder });
  await first.electron!.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 120, y: 90, width: 1001, height: 702 }),
  );
  await expect.poll(() => bounds(first.electron!)).toEqual([{ x: 120, y: 90, width: 1001, height: 702 }]);
  await first.close();
  const second = await start({ dataFolder });
  await expect.poll(() => bounds(second.electron!)).toEqual([{ x: 120, y: 90, width: 1001, height: 702 }]);
});

test('the native menu runs the commands of the page', async ({ app }) => {
  await expect(app.page.locator('#root > *').first()).toBeVisible();
  await app.electron!.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('help')?.click();
  });
  await expect(app.page.getByRole('dialog')).toBeVisible();
});

test('the native dialog adds a layout, and closing it adds none', async ({ app, temporaryFolder }) => {
  const folder = path.join(temporaryFolder, 'chosen layout');
  await writeOneLayerLayout(folder, 'hello', 'text/plain');
  const pick = (canceled: boolean): Promise<string> =>
    app.electron!.evaluate(
      ({ dialog, Menu }, answer) => {
        dialog.showOpenDialog = () => Promise.resolve(answer);
        Menu.getApplicationMenu()?.getMenuItemById('open-layout-folder')?.click();
        return '';
      },
      { canceled, filePaths: canceled ? [] : [folder] },
    );
  await expect(app.page.locator('#root > *').first()).toBeVisible();
  await pick(true);
  await app.page.waitForTimeout(300);
  await expect(app.page.getByText('chosen layout')).toHaveCount(0);
  await pick(false);
  await expect(app.page.getByText('chosen layout').first()).toBeVisible();
});

test('content is saved where the person says, and a page saves nothing else', async ({
  app,
  temporaryFolder,
}) => {
  const folder = path.join(temporaryFolder, 'layout');
  const layer = await writeOneLayerLayout(folder, 'the very bytes', 'text/plain');
  const target = path.join(temporaryFolder, 'saved.txt');
  await app.electron!.evaluate(({ session }, file) => {
    const seen: string[] = [];
    (globalThis as unknown as { downloads: string[] }).downloads = seen;
    session.defaultSession.on('will-download', (event, item) => {
      if (event.defaultPrevented) return;
      item.setSavePath(file);
      item.once('done', (_event, state) => seen.push(`${item.getFilename()} ${state}`));
    });
  }, target);
  await app.page.evaluate(
    async ({ source, address }) => {
      const { tallyman } = window as unknown as {
        tallyman: {
          send(message: unknown): void;
          onMessage(listener: (message: { id: number; type: string; value: { path: string } }) => void): void;
        };
      };
      const ask = (id: number, name: string, input: unknown): Promise<{ path: string }> =>
        new Promise((resolve, reject) => {
          tallyman.onMessage((message) => {
            if (message.id !== id) return;
            if (message.type === 'result') resolve(message.value);
            else reject(new Error(JSON.stringify(message)));
          });
          tallyman.send({ type: 'call', id, name, input });
        });
      const save = (href: string): void =>
        Object.assign(document.createElement('a'), { href, download: '' }).click();
      await ask(1_000_001, 'sources.add', { kind: 'layout', location: source });
      const { path: place } = await ask(1_000_002, 'content.saveAddress', {
        target: { source: `layout:${source}` },
        ...address,
        mediaType: 'text/plain',
        manifest: false,
        fileName: 'named.txt',
      });
      for (const other of ['/index.html', '/assets/', 'data:text/plain,x', 'https://evil.example/x'])
        save(other);
      save(place);
    },
    { source: folder, address: layer },
  );
  const downloads = (): Promise<string[]> =>
    app.electron!.evaluate(() => (globalThis as unknown as { downloads: string[] }).downloads);
  await expect.poll(downloads).toEqual(['named.txt completed']);
  expect(await readFile(target, 'utf8')).toBe('the very bytes');
});
