import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LayoutFiles, named } from '../../main/testing/make-layout.ts';
import { runPeer } from '../../main/testing/run-peer.ts';
import { peer } from '../../main/testing/surroundings.ts';
import { StoreDialog } from '../pages/store-dialog.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';

/** A layout with two images that share a layer, and a blob that nothing leads to. */
async function makeLayout(folder: string): Promise<{ place: string; layer: string; orphan: string }> {
  const files = new LayoutFiles();
  const layer = files.blob('a shared layer '.repeat(4000));
  const one = files.manifest({ layers: [layer, files.blob('one '.repeat(500))] });
  const two = files.manifest({ layers: [layer, files.blob('two '.repeat(250))] });
  const orphan = files.blob('nobody names this '.repeat(100));
  files.setEntries([named(one, '1.0'), named(two, '2.0')]);
  const place = await files.writeTo(path.join(folder, 'release layout'));
  const blobOf = (digest: string): string => path.join(place, 'blobs', digest.replace(':', '/'));
  return { place, layer: blobOf(layer.digest), orphan: blobOf(orphan.digest) };
}

test('a layout is measured, checked, repaired and cleaned up, and only what is said happens', async ({
  app,
  temporaryFolder,
}) => {
  const { place, layer, orphan } = await makeLayout(temporaryFolder);
  const window = new TallymanWindow(app.page);
  const store = new StoreDialog(app.page);
  await window.open(place);

  await store.show('Sizes…');
  await expect(store.dialog.getByRole('row', { name: /1\.0/ })).toContainText('60.0 kB');
  expect(await store.total('Unique')).toMatch(/^6\d\.\d kB$/);
  expect(await store.total('Logical')).toMatch(/^12\d\.\d kB$/);
  expect(await store.total('Nothing leads to')).toBe('1.8 kB');
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await store.close();

  await store.show('Check…');
  await expect(store.outcome).toContainText('Everything is whole');
  await writeFile(layer, 'other bytes');
  await store.press('Check again');
  await expect(store.outcome).toContainText('1 corrupt blob');
  await store.press('Repair…');
  await expect(store.outcome).toContainText('Nothing is deleted by a repair');
  expect(await readFile(layer, 'utf8')).toBe('other bytes');
  await store.press('Move into quarantine');
  await expect(store.outcome.first()).toContainText('1 blob moved into quarantine');
  await expect(store.outcome.last()).toContainText('1 missing blob');
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await store.close();

  await store.show('Clean up…');
  await expect(store.outcome).toContainText('There is nothing to remove');
  await store.dialog.getByRole('radio', { name: 'Nothing' }).click();
  await expect(store.dialog.getByRole('button', { name: 'Remove 1 blob, 1.8 kB' })).toBeEnabled();
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await expect(readFile(orphan, 'utf8')).resolves.toContain('nobody');
  await store.press('Remove 1 blob, 1.8 kB');
  await expect(store.outcome).toContainText('1.8 kB freed');
  await expect(readFile(orphan, 'utf8')).rejects.toThrow('ENOENT');
  await store.close();
});

test('the local store is served to other programs, without a mouse, and not a moment longer than that', async ({
  app,
  temporaryFolder,
}) => {
  const oras = peer('oras');
  test.skip(oras === undefined, 'needs oras (TALLYMAN_PEERS)');
  const window = new TallymanWindow(app.page);
  const { keyboard } = window;
  const store = new StoreDialog(app.page);
  await window.start.lookIntoLocalStore();

  await keyboard.press('ControlOrMeta+k');
  await expect(window.openBar.field).toBeFocused();
  await keyboard.type('Serve…');
  await expect(window.openBar.line('Serve…')).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('Enter');
  await expect(store.dialog.getByRole('textbox', { name: 'Port' })).toBeFocused();
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await keyboard.press('Enter');
  await expect(store.dialog).toHaveAccessibleName('Serving Local store');
  const address = (await store.dialog.getByRole('definition').first().textContent()) ?? '';
  expect(address).toMatch(/^localhost:\d+$/);
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await store.close();
  await expect(window.sources.line('Local store').getByRole('button')).toHaveText(
    `:${address.split(':')[1]!}`,
  );

  await writeFile(path.join(temporaryFolder, 'notes.txt'), 'for the store');
  const run = (...words: readonly string[]): Promise<string> =>
    runPeer(oras!, words, { folder: temporaryFolder });
  await run('push', '--artifact-type', 'text/plain', `${address}/team/notes:1`, 'notes.txt');
  await run('pull', '--output', 'pulled', `${address}/team/notes:1`);
  expect(await readFile(path.join(temporaryFolder, 'pulled', 'notes.txt'), 'utf8')).toBe('for the store');
  await keyboard.press('F5');
  await expect(window.repository.chip('team/notes:1')).toBeVisible();

  await window.openBar.run('Serve…');
  await store.press('Stop serving');
  await expect(store.dialog).toHaveAccessibleName('Serve Local store');
  await expect(run('repo', 'ls', address)).rejects.toThrow(/connect/);
  await store.close();
});
