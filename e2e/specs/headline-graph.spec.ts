import { TallymanWindow } from '../pages/tallyman-window.ts';
import { expect, missingForHeadline, test } from '../support/registries.ts';

const REGISTRIES = [
  { kind: 'olareg', way: 'referrers API' },
  { kind: 'distribution-3', way: 'fallback tag' },
  { kind: 'distribution-2', way: 'fallback tag' },
] as const;

for (const { kind, way } of REGISTRIES) {
  test(`what oras and cosign pushed to ${kind} is one graph and one tree, each node with the way it was found`, async ({
    app,
    headlineRegistry,
  }) => {
    const missing = missingForHeadline(kind);
    test.skip(missing !== undefined, missing);
    const { pushed } = await headlineRegistry(kind);
    const window = new TallymanWindow(app.page);

    await window.open(pushed.reference);
    await window.artifact.isComplete();
    await expect
      .poll(async () => (await window.artifact.cardWords()).map(withoutNumbers).sort())
      .toEqual([
        'Cosign signature, attached to Image, found by cosign tag, Signature present, not checked',
        `Cosign signature, attached to Image, found by ${way}, Signature present, not checked`,
        `Cosign signature, attached to Image, found by ${way}, Signature present, not checked`,
        'Image, what was opened, Read, and its digest matches',
        `SARIF report, attached to SBOM · SPDX, found by ${way}, Read, and its digest matches`,
        `SBOM · SPDX, attached to Image, found by ${way}, Read, and its digest matches`,
      ]);

    await window.artifact.showAs('Tree');
    const lines = (await window.artifact.lines()).filter(({ what }) => !what.startsWith('Config'));
    expect(
      lines
        .map(({ level, what, foundBy, state }) => `${level} ${nameIn(what)} | ${foundBy} | ${state}`)
        .sort(),
    ).toEqual(
      [
        `1 Image | | digest matches`,
        '2 Cosign signature | cosign tag | not checked',
        `2 Cosign signature | ${way} | not checked`,
        `2 Cosign signature | ${way} | not checked`,
        `2 SBOM · SPDX | ${way} | digest matches`,
        `3 SARIF report | ${way} | digest matches`,
      ].map((line) => line.replace('| |', '|  |')),
    );

    await window.artifact.selectRow('SBOM · SPDX');
    await expect(window.inspector.fact('Digest')).toContainText(pushed.sbom);
    await expect(window.inspector.fact('Type')).toHaveText('application/spdx+json');
    await expect(window.inspector.fact('Subject')).toHaveText('Image');
    await expect(window.inspector.fact('Found by')).toHaveText(way);
    await window.artifact.selectRow('SARIF report');
    await expect(window.inspector.fact('Digest')).toContainText(pushed.report);
    await expect(window.inspector.fact('Type')).toHaveText('application/sarif+json');
    await expect(window.inspector.fact('Subject')).toHaveText('SBOM · SPDX');
  });
}

/** What a card says without its digest and its size. */
function withoutNumbers(words: string): string {
  return words.replace(/, [0-9a-f]{8}, [\d.]+ k?B/, '');
}

/** The title at the beginning of a row, before its tags. */
function nameIn(what: string): string {
  return /^(?:Image|SBOM · SPDX|SARIF report|Cosign signature)/.exec(what)?.[0] ?? what;
}
