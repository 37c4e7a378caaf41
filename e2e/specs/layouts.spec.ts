import path from 'node:path';
import { readTrueLayouts } from '../../main/testing/truth.ts';
import { fixtures } from '../../main/testing/surroundings.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { expect, test } from '../support/test.ts';

const corpus = fixtures();
const oci = path.join(corpus ?? '', 'oci');
test.skip(corpus === undefined, 'needs the fixtures (TALLYMAN_FIXTURES)');

test('a folder and a tar of one graph open by their typed paths and show the same', async ({ app }) => {
  const window = new TallymanWindow(app.page);
  const { artifact } = window;
  await window.open(`${path.join(oci, 'graph-oras.layout')}:1.4.0`);
  await expect.poll(async () => (await artifact.cardWords()).length).toBe(12);
  const folder = await artifact.cardWords();
  expect(folder).toContainEqual(
    expect.stringMatching(/^SARIF report, .*attached to SBOM · SPDX, found by layout link/),
  );
  await window.open(`${path.join(oci, 'graph-oras.oci.tar')}:1.4.0`);
  await expect.poll(() => artifact.cardWords()).toEqual(folder);
  await expect(window.sources.line('graph-oras.layout, layout')).toBeVisible();
  await expect(window.sources.line('graph-oras.oci.tar, layout')).toBeVisible();
});

test('a layout opens by its path in the dialog, too, and its rows are its entries', async ({ app }) => {
  const window = new TallymanWindow(app.page);
  await window.start.openLayout(path.join(oci, 'graph-regctl.oci.tar'));
  await expect(window.repository.row('1.4.0')).toBeVisible();
  await expect(window.repository.foot).toContainText('folded');
  await window.repository.open('1.4.0');
  await window.artifact.isComplete();
  await expect(window.artifact.card(/^SARIF report, .*found by fallback tag/)).toBeVisible();
});

test('a place that is no layout, or a broken one, says why in its own words, and the bar stays', async ({
  app,
}) => {
  const window = new TallymanWindow(app.page);
  const reasons = new Set<string>();
  for (const [name, says] of [
    ['index-missing', /index\.json/],
    ['index-unreadable', /index\.json/],
    ['index-bom', /byte order mark|BOM/i],
    ['index-empty-file', /empty/i],
    ['newer-layout', /2\.0\.0/],
    ['no-oci-layout', /oci-layout/],
    ['oci-layout-unreadable', /oci-layout/],
    ['tar-cut', /cut|ends|end of/i],
  ] as const) {
    await window.openBar.tryToOpen(path.join(oci, 'broken', `${name}.oci.tar`));
    await expect(window.openBar.alert).toContainText(says);
    reasons.add(((await window.openBar.alert.textContent()) ?? '').replaceAll(name, 'NAME'));
    await window.openBar.close();
  }
  expect(reasons.size).toBe(8);
  await window.openBar.tryToOpen('/no/such/folder');
  await expect(window.openBar.alert).toContainText('/no/such/folder');
  await window.openBar.close();
  await expect(window.start.heading).toBeVisible();
});

/** Digests of nodes with a fault, by their first eight digits, and the word for it. Of an unread document the children are not known. */
const FAULTS: Readonly<
  Record<string, { readonly states: Readonly<Record<string, string>>; readonly unread?: readonly string[] }>
> = {
  'missing-child': { states: { '16c2054a': 'missing' } },
  'missing-config': { states: { bff99209: 'missing' } },
  'missing-blob': { states: { c41468f7: 'missing' } },
  'symlinked-blob': { states: { c41468f7: 'could not look' } },
  'truncated-blob': { states: { c41468f7: 'damaged' } },
  'wrong-content': { states: { '4b19f779': 'damaged' } },
  'wrong-manifest': { states: { '5a1b87a2': 'damaged' }, unread: ['bff99209', 'c41468f7', '4b19f779'] },
  'duplicate-keys': { states: { '0c9d6018': 'refused' }, unread: ['bff99209', 'c41468f7', '4b19f779'] },
  'mediatype-disagrees': { states: { '5a1b87a2': 'refused', e85acbbc: 'refused' } },
  'size-wrong': { states: { '3e280c43': 'damaged', c41468f7: 'damaged', '4b19f779': 'damaged' } },
};

test('a fault inside a layout stands at its node, and everything else is shown', async ({ app }) => {
  const window = new TallymanWindow(app.page);
  const { artifact, inspector } = window;
  const layouts = await readTrueLayouts(path.join(oci, 'broken'));
  for (const [name, { states, unread = [] }] of Object.entries(FAULTS)) {
    const { archive, truth } = layouts.find((layout) => layout.name === name)!;
    await window.open(archive);
    await window.openAddress(`#/artifact/${encodeURIComponent(`layout:${archive}`)}?mode=tree`);
    await artifact.isComplete();
    await artifact.unfoldContent();
    const faulty = Object.keys(states);
    const lines = (await artifact.lines()).filter(({ digest }) => digest !== '');
    const found = new Map(lines.map(({ digest, state }) => [digest.slice(0, 8), state]));
    const expected = truth.nodes
      .map(({ digest }) => digest.slice(7, 15))
      .filter((digest) => !unread.includes(digest));
    expect(new Set(found.keys()), name).toEqual(new Set(expected));
    for (const [digest, state] of found)
      expect(state, `${name} ${digest}`).toMatch(
        faulty.includes(digest)
          ? new RegExp(`^${states[digest]!}$`)
          : /^(digest matches|not read|not checked)$/,
      );
    await artifact.selectRow(new RegExp(faulty[0]!));
    await expect(inspector.alert.first(), name).toHaveText(/\w+ \w+ \w+/);
  }
});
