import { addManifest, emptyContent, repositoryIn, serveContent } from '../../main/testing/content-script.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { expect, test } from '../support/registries.ts';
import { releaseRepository } from '../support/release-repository.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

test('rows are digests with their tags, kinds, sizes, ages and what is attached; the rest is folded into them', async ({
  app,
  serve,
}) => {
  const { script, name, rows, companions } = releaseRepository();
  const registry = await serve(script);
  const window = new TallymanWindow(app.page);
  const { repository } = window;
  await window.open(`${registry.host}/${name}`);

  await expect(repository.rows).toHaveCount(rows.length);
  const tags = rows.flat().length;
  await expect(repository.foot).toHaveText(
    `${tags + companions} tags · ${rows.length} digests · ${companions} folded`,
  );
  await expect(repository.row('notes')).toContainText('14.7 kB');
  await expect(repository.row('1.10.0').getByTitle('SBOM · SPDX: 1')).toBeVisible();
  // Rows come one by one, each as a whole.
  await expect(repository.rows.getByLabel('Kind not read yet')).toHaveCount(0);
  const texts = await repository.texts();
  expect(texts.map((row) => row.tags)).toEqual(rows);
  expect(texts.map((row) => row.kind)).toEqual([
    'Image index',
    'Image',
    'Image index',
    'Image index',
    'Image',
    'Helm chart',
    'Artifact',
  ]);
  expect(texts.map((row) => row.what)).toEqual([
    '2 platforms',
    'linux/amd64',
    '2 platforms',
    '2 platforms',
    'linux/amd64',
    'Helm 1.10.0',
    'vnd.acme.release-notes.v1+json',
  ]);
  expect(texts[0]?.attached).toEqual([
    'SBOM · SPDX: 1\nSBOM · CycloneDX: 1',
    'Cosign signature: 1',
    'Attestation: 1',
  ]);
  expect(texts.map((row) => row.created)).toEqual([
    '2 h ago',
    '1 day ago',
    '3 days ago',
    '12 days ago',
    '1 year ago',
    '6 h ago',
    '30 days ago',
  ]);

  await repository.toggleCompanions();
  await expect(repository.rows).toHaveCount(rows.length + companions);
  await expect(repository.rows.nth(1)).toContainText(/sha256-[0-9a-f]{8}/);
  await repository.toggleCompanions();
  await expect(repository.rows).toHaveCount(rows.length);
});

test('rows are sorted and filtered, and the keyboard leads through them', async ({ app, serve }) => {
  const { script, name, rows } = releaseRepository();
  const registry = await serve(script);
  const window = new TallymanWindow(app.page);
  const { repository, keyboard } = window;
  const firstTags = async (): Promise<(string | undefined)[]> =>
    (await repository.texts()).map((row) => row.tags[0]);
  await window.open(`${registry.host}/${name}`);
  await expect(repository.rows).toHaveCount(rows.length);

  await repository.sortBy('Date');
  await expect
    .poll(firstTags)
    .toEqual(['1.10.0', 'chart-1.10.0', '2.0.0-rc.1', '1.9.1', '1.9.0', 'notes', '1.2.11']);
  await repository.sortBy('Name');
  await expect
    .poll(firstTags)
    .toEqual(['1.10.0', '1.2.11', '1.9.1', '1.9.0', '2.0.0-rc.1', 'chart-1.10.0', 'notes']);
  await expect(app.page).toHaveURL(/sort=name/);
  await window.reload();
  await expect
    .poll(firstTags)
    .toEqual(['1.10.0', '1.2.11', '1.9.1', '1.9.0', '2.0.0-rc.1', 'chart-1.10.0', 'notes']);

  await keyboard.tabTo('the rows', repository.table);
  await keyboard.type('1.9');
  await expect(repository.filter).toBeFocused();
  await expect.poll(firstTags).toEqual(['1.9.1', '1.9.0']);
  await keyboard.press('ArrowDown');
  await expect(repository.row('1.9')).toHaveAttribute('aria-selected', 'true');
  await expect(window.inspector.title).toHaveText('Image index');
  await keyboard.press('ArrowDown');
  await expect(repository.row('1.9.0')).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('Enter');
  await window.artifact.isComplete();
  await window.goBack();
  await expect(repository.filter).toHaveValue('1.9');
  await repository.filterBy('nothing like it');
  await expect(repository.table).toContainText('No tag has “nothing like it” in it');
});

test('a repository with 1,500 tags has few rows in the page, wherever it is scrolled to', async ({
  app,
  serve,
}) => {
  const content = emptyContent();
  const scripted = repositoryIn(content, 'team/builds');
  for (let build = 1; build <= 1500; build++)
    addManifest(
      scripted,
      { schemaVersion: 2, mediaType: MANIFEST, layers: [], build },
      MANIFEST,
      `1.0.${build}`,
    );
  const registry = await serve(serveContent(content));
  const window = new TallymanWindow(app.page);
  const { repository, keyboard } = window;
  await window.open(`${registry.host}/team/builds`);

  await expect(repository.foot).toContainText('1,500 tags');
  await expect(repository.table).toHaveAttribute('aria-rowcount', '1501');
  await expect(repository.row('1.0.1500')).toBeVisible();
  expect(await repository.rows.count()).toBeLessThan(80);
  await keyboard.tabTo('the rows', repository.table);
  await keyboard.press('End');
  await expect(repository.row('1.0.1')).toHaveAttribute('aria-selected', 'true');
  await expect(repository.row('1.0.1').getByRole('gridcell').nth(2)).toHaveText(/^[0-9a-f]{12}$/);
  expect(await repository.rows.count()).toBeLessThan(80);

  await repository.filterBy('1.0.777');
  await expect(repository.rows).toHaveCount(1);
  // Details were asked for the rows that were on screen, not for all.
  const asked = registry.requests.filter(({ path }) => path.includes('/manifests/'));
  expect(asked.length).toBeLessThan(600);
});
