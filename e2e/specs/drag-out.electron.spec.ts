import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { writeTitledLayout } from '../support/titled-layout.ts';
import { expect, test } from '../support/test.ts';
import { watchDrags } from '../support/watch-drags.ts';

/** Draws a handle with the mouse, a little at a time as a hand does, and lets it go when `until` is there. */
async function drawOut(handle: Locator, until: () => Promise<void>): Promise<void> {
  const page = handle.page();
  await handle.hover();
  await page.mouse.down();
  const box = (await handle.boundingBox())!;
  for (const step of [4, 12, 30]) await page.mouse.move(box.x - step, box.y + step);
  await until();
  await page.mouse.up();
}

test('files are drawn out of the window by their handles, and nothing of them stays when Tallyman ends', async ({
  app,
  temporaryFolder,
}) => {
  const folder = path.join(temporaryFolder, 'a layout');
  await mkdir(folder);
  await writeTitledLayout(folder, {
    'docs/notes.txt': 'What is new\n',
    'data.bin': 'x'.repeat(700_000),
    '../../outside.txt': 'hostile',
  });
  const window = new TallymanWindow(app.page);
  const dragged = await watchDrags(app.electron!);
  await window.open(`${folder}:1.0`);
  await window.artifact.isComplete();
  await window.inspector.settles();
  const { pane } = window.inspector;
  const handleOf = (name: string): Locator =>
    pane.getByRole('listitem').filter({ hasText: name }).locator('[data-drag-out]');

  const outcome: Record<string, string> = {};
  for (const [index, name] of ['notes.txt', 'data.bin', 'outside.txt'].entries()) {
    await drawOut(handleOf(name), () => expect.poll(async () => (await dragged()).length).toBe(index + 1));
    const file = (await dragged())[index]!;
    expect(path.basename(file)).toBe(name);
    outcome[name] = await readFile(file, 'utf8');
  }
  expect(outcome).toEqual({
    'notes.txt': 'What is new\n',
    'data.bin': 'x'.repeat(700_000),
    'outside.txt': 'hostile',
  });
  const [first] = await dragged();
  const root = path.dirname(path.dirname(first!));
  expect((await stat(root)).mode & 0o777).toBe(0o700);

  // One of the artifact's files has a name that leads elsewhere, so that it is not dragged whole.
  await drawOut(pane.locator('h2 [data-drag-out]'), async () => {
    await expect(app.page.getByRole('status', { name: 'Notices' })).toContainText('Pull to a folder…');
  });
  expect(await dragged()).toHaveLength(3);

  await app.close();
  expect(await readdir(root).catch(() => 'removed')).toBe('removed');
});

test('an artifact is drawn out as a folder of its files, and damaged content not at all', async ({
  app,
  temporaryFolder,
}) => {
  const folder = path.join(temporaryFolder, 'a layout');
  await mkdir(folder);
  const blobs = await writeTitledLayout(folder, { 'a.txt': 'one', 'b/c.txt': 'two' });
  const window = new TallymanWindow(app.page);
  const dragged = await watchDrags(app.electron!);
  await window.open(`${folder}:1.0`);
  await window.artifact.isComplete();
  await window.inspector.settles();
  const whole = window.inspector.pane.locator('h2 [data-drag-out]');
  await drawOut(whole, () => expect.poll(async () => (await dragged()).length).toBe(1));
  const [out = ''] = await dragged();
  expect(path.basename(out)).toBe('1.0');
  expect((await readdir(out)).sort()).toEqual(['a.txt', 'b']);
  expect(await readFile(path.join(out, 'b', 'c.txt'), 'utf8')).toBe('two');

  await writeFile(blobs['a.txt']!, 'ONE');
  await drawOut(whole, async () => {
    await expect(app.page.getByRole('status', { name: 'Notices' })).toContainText('digest');
  });
  expect(await dragged()).toHaveLength(1);
});
