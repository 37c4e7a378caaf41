import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasRealRegistry, startRealRegistry } from '../../main/testing/real-registries.ts';
import { runPeer } from '../../main/testing/run-peer.ts';
import { peer } from '../../main/testing/surroundings.ts';
import { MovingDialog } from '../pages/moving-dialog.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { chooseDestination } from '../support/choose-destination.ts';
import { dropFiles } from '../support/drop-files.ts';
import { expect, test } from '../support/test.ts';

const FILES: Readonly<Record<string, string>> = {
  'notes.txt': 'What is new in 1.0\n',
  'settings.json': '{"colour":"blue"}\n',
  'data.bin': 'x'.repeat(100_000),
};
const SBOM = '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"app"}\n';

interface Discovered {
  readonly digest: string;
  readonly referrers?: readonly Discovered[];
}

test('files go from the desk into a registry, get something attached, travel on, come back, and go', async ({
  app,
  temporaryFolder,
}) => {
  const oras = peer('oras');
  test.skip(
    oras === undefined || !hasRealRegistry('olareg') || !hasRealRegistry('distribution-3'),
    'needs oras, olareg and distribution (TALLYMAN_PEERS)',
  );
  test.setTimeout(240_000);
  const [olareg, distribution] = await Promise.all([
    startRealRegistry('olareg'),
    startRealRegistry('distribution-3'),
  ]);
  const ask = (...words: readonly string[]): Promise<string> =>
    runPeer(oras!, words, { folder: temporaryFolder });
  const plain = '--plain-http';
  const digestAt = async (reference: string, ...how: readonly string[]): Promise<string> =>
    (JSON.parse(await ask('manifest', 'fetch', '--descriptor', ...how, reference)) as { digest: string })
      .digest;
  const attachedTo = async (reference: string, ...how: readonly string[]): Promise<readonly string[]> => {
    const found = JSON.parse(await ask('discover', '--format', 'json', ...how, reference)) as Discovered;
    return (found.referrers ?? []).map(({ digest }) => digest);
  };

  try {
    const desk = path.join(temporaryFolder, 'desk');
    await mkdir(desk);
    for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(desk, name), text);
    await writeFile(path.join(desk, 'app.spdx.json'), SBOM);
    const window = new TallymanWindow(app.page);
    const moving = new MovingDialog(app.page);
    const { artifact, repository } = window;
    const here = `${olareg.host}/team/app`;
    const there = `${distribution.host}/team/app`;

    // Push: three files on a repository that is not there yet.
    await window.open(distribution.host);
    await window.open(here);
    await dropFiles(
      repository.view,
      Object.keys(FILES).map((name) => path.join(desk, name)),
    );
    await expect(moving.dialog).toHaveAccessibleName(`Push to ${here}`);
    await expect(moving.dialog.getByRole('list', { name: 'Files' }).getByRole('listitem')).toHaveCount(3);
    await moving.fill('Tags', '1.0');
    await moving.fill('Artifact type', 'application/vnd.example.release');
    const promised = await moving.manifestDigest();
    await expect(moving.plan.getByLabel('Manifest', { exact: true })).toContainText('notes.txt');
    expect(await accessibilityProblems(app.page)).toEqual([]);
    await moving.go('Push');
    const image = await digestAt(`${here}:1.0`, plain);
    expect(image).toBe(promised);

    // Attach: an SBOM on its node.
    await repository.open('1.0');
    await artifact.isComplete();
    await dropFiles(artifact.card(/what was opened/), [path.join(desk, 'app.spdx.json')]);
    await expect(moving.dialog).toHaveAccessibleName('Attach to team/app:1.0');
    // Proposed by what is in the file.
    await expect(moving.dialog.getByRole('textbox', { name: 'Artifact type' })).toHaveValue(
      'application/spdx+json',
    );
    const sbom = await moving.manifestDigest();
    await moving.go('Attach');
    await expect(artifact.card(/attached to/)).toBeVisible();
    expect(await attachedTo(`${here}:1.0`, plain)).toEqual([sbom]);

    // Copy: dragged to a registry without a referrers API, and by command into a layout folder.
    await artifact.card(/what was opened/).dragTo(window.sources.line(new RegExp(`^${distribution.host}`)));
    await expect(moving.dialog).toHaveAccessibleName('Copy team/app:1.0');
    await expect(moving.dialog.getByRole('textbox', { name: 'Repository' })).toHaveValue('team/app');
    await moving.go('Copy');
    expect(await digestAt(`${there}:1.0`, plain)).toBe(image);
    expect(await attachedTo(`${there}:1.0`, plain)).toEqual([sbom]);

    const layout = path.join(temporaryFolder, 'carried');
    await window.openBar.run('Copy to another place…');
    await moving.choose('To', 'A layout folder…');
    await chooseDestination(app, moving.dialog, layout);
    await moving.go('Copy');
    expect(await digestAt(`${layout}:1.0`, '--oci-layout')).toBe(image);
    expect(await attachedTo(`${layout}:1.0`, '--oci-layout')).toEqual([sbom]);

    // Pull: from where it was copied to, byte for byte.
    await window.open(`${there}:1.0`);
    await artifact.isComplete();
    await window.openBar.run('Pull to a folder…');
    const back = path.join(temporaryFolder, 'back');
    await chooseDestination(app, moving.dialog, back);
    await moving.go('Pull');
    for (const [name, text] of Object.entries(FILES))
      expect(await readFile(path.join(back, name), 'utf8'), name).toBe(text);

    // Delete: with what is attached, after the whole truth.
    await window.open(`${here}:1.0`);
    await artifact.isComplete();
    await window.openBar.run('Delete…');
    await expect(moving.plan).toContainText('1.0');
    await expect(moving.plan.getByTitle(sbom)).toBeVisible();
    expect(await accessibilityProblems(app.page)).toEqual([]);
    await moving.go(/^Delete, with 1 tag and 1 attached$/);
    for (const digest of [image, sbom])
      await expect(digestAt(`${here}@${digest}`, plain), digest).rejects.toThrow(/not found/i);
    expect(await digestAt(`${there}@${sbom}`, plain)).toBe(sbom);
  } finally {
    await Promise.all([olareg.close(), distribution.close()]);
  }
});
