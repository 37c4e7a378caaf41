import { TallymanWindow } from '../pages/tallyman-window.ts';
import { expect, test } from '../support/test.ts';

/** Layouts have two conventions for what is attached; the sample follows both, for every other tool. */
const WAYS = 'found by fallback tag and layout link';

test('one click shows the sample graph, image → SBOM → signature → report, and its address shows it again', async ({
  app,
}) => {
  const window = new TallymanWindow(app.page);
  await expect(window.start.heading).toBeVisible();
  await window.start.createSampleGraph();
  await window.artifact.isComplete();
  await expect
    .poll(async () => (await window.artifact.cardWords()).map(withoutNumbers).sort())
    .toEqual([
      `Cosign signature, attached to Image index, ${WAYS}, Signature present, not checked`,
      `Cosign signature, attached to SARIF report, ${WAYS}, Signature present, not checked`,
      'Image index, what was opened, Read, and its digest matches',
      `SARIF report, attached to SBOM · SPDX, ${WAYS}, Read, and its digest matches`,
      `SBOM · SPDX, attached to Image index, ${WAYS}, Read, and its digest matches`,
      'linux/amd64, part of Image index, Read, and its digest matches',
      'linux/arm64, part of Image index, Read, and its digest matches',
    ]);

  await window.artifact.showAs('Tree');
  await window.artifact.selectRow('SARIF report');
  await window.inspector.show('JSON');
  await expect(window.inspector.json).toContainText('application/sarif+json');
  const address = app.page.url();

  await window.reload();
  await showsTheReportAsJson(window);
  await window.openAddress('#/');
  await expect(window.start.heading).toBeVisible();
  await window.openAddress(new URL(address).hash);
  await showsTheReportAsJson(window);
});

test('the local store is empty at first, says so, and offers the sample', async ({ app }) => {
  const window = new TallymanWindow(app.page);
  await window.start.lookIntoLocalStore();
  await expect(window.repository.view).toContainText('The local store is empty');
  await window.repository.createSampleGraph();
  await window.artifact.isComplete();
  await window.goBack();
  await expect(window.repository.row('sample')).toBeVisible();
});

async function showsTheReportAsJson(window: TallymanWindow): Promise<void> {
  await expect(window.artifact.row('SARIF report')).toHaveAttribute('aria-selected', 'true');
  await expect(window.inspector.tab('JSON')).toHaveAttribute('aria-selected', 'true');
  await expect(window.inspector.json).toContainText('application/sarif+json');
}

function withoutNumbers(words: string): string {
  return words.replace(/, [0-9a-f]{8}, [\d.]+ k?B/, '');
}
