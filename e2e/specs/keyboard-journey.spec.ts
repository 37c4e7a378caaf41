import { TallymanWindow } from '../pages/tallyman-window.ts';
import { readClipboard } from '../support/clipboard.ts';
import { expect, HEADLINE_REPOSITORY, missingForHeadline, test } from '../support/registries.ts';

test('from a typed registry to a copied command line without a mouse', async ({ app, headlineRegistry }) => {
  const missing = missingForHeadline('distribution-3');
  test.skip(missing !== undefined, missing);
  const { registry, pushed } = await headlineRegistry('distribution-3');
  const window = new TallymanWindow(app.page);
  const { keyboard, openBar, artifact, inspector } = window;

  await expect(window.start.heading).toBeVisible();
  await keyboard.press('ControlOrMeta+K');
  await expect(openBar.field).toBeFocused();
  await keyboard.type(registry.host);
  await keyboard.press('Enter');
  await expect(window.registry.repository(HEADLINE_REPOSITORY)).toBeVisible();

  await keyboard.tabTo('the repositories', window.registry.list);
  await keyboard.press('ArrowDown', 'Enter');
  await keyboard.tabTo('the rows', window.repository.table);
  await keyboard.press('ArrowDown');
  await expect(window.repository.row(pushed.tag)).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('Enter');

  await artifact.isComplete();
  await keyboard.tabTo('the card of the image', artifact.card(/what was opened/));
  await keyboard.press('ArrowRight', 'Home');
  await keyboard.arrowTo('the SBOM', 'ArrowDown', artifact.card('SBOM · SPDX'));
  await keyboard.press('ArrowRight');
  await expect(artifact.card('SARIF report')).toBeFocused();
  await keyboard.press('ArrowLeft');
  await expect(artifact.card('SBOM · SPDX')).toBeFocused();
  await expect(inspector.title).toHaveText('SBOM · SPDX');

  await keyboard.press('ControlOrMeta+E');
  await keyboard.tabTo('the row of the SBOM', artifact.row('SBOM · SPDX'));
  await keyboard.arrowTo('the report', 'ArrowDown', artifact.row('SARIF report'));
  await expect(inspector.title).toHaveText('SARIF report');

  await keyboard.tabTo('the tabs of the inspector', inspector.tab('Overview'));
  await keyboard.press('ArrowRight');
  await expect(inspector.tab('JSON')).toHaveAttribute('aria-selected', 'true');
  await keyboard.tabTo('the digest of the subject', inspector.link(pushed.sbom));
  await keyboard.press('Enter');
  await expect(artifact.row('SBOM · SPDX')).toHaveAttribute('aria-selected', 'true');
  await expect(inspector.json).toContainText('"artifactType": "application/spdx+json"');

  await keyboard.press('Alt+Shift+C');
  await expect(window.notices).toContainText('Copied the command line.');
  await expect
    .poll(() => readClipboard(app))
    .toBe(`oras manifest fetch --pretty --plain-http ${registry.host}/${HEADLINE_REPOSITORY}@${pushed.sbom}`);

  await keyboard.press('Alt+ArrowLeft');
  await expect(window.repository.row(pushed.tag)).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('Alt+ArrowLeft');
  await expect(window.registry.list).toBeVisible();
  await keyboard.press('Alt+ArrowRight', 'Alt+ArrowRight');
  await expect(artifact.row('SBOM · SPDX')).toHaveAttribute('aria-selected', 'true');
  await expect(inspector.tab('JSON')).toHaveAttribute('aria-selected', 'true');
});

test('the help names every key, and Escape gives back where one was', async ({ app }) => {
  const window = new TallymanWindow(app.page);
  await expect(window.start.heading).toBeVisible();
  await window.keyboard.press('F1');
  const help = app.page.getByRole('dialog', { name: 'Keyboard and help' });
  await expect(help).toContainText('Open anything');
  await window.keyboard.press('Escape');
  await expect(help).toBeHidden();
});
