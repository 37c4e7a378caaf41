import path from 'node:path';
import { LayoutFiles } from '../../main/testing/make-layout.ts';
import { runPeer } from '../../main/testing/run-peer.ts';
import { peer } from '../../main/testing/surroundings.ts';
import { MovingDialog } from '../pages/moving-dialog.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { chooseDestination } from '../support/choose-destination.ts';
import { dropFiles } from '../support/drop-files.ts';
import { expect, test } from '../support/test.ts';

test('a graph leaves the local store as one archive, and comes into another layout by dropping it there', async ({
  app,
  temporaryFolder,
}) => {
  const oras = peer('oras');
  test.skip(oras === undefined, 'needs oras (TALLYMAN_PEERS)');
  const digestAt = async (place: string): Promise<string> => {
    const words = ['manifest', 'fetch', '--descriptor', '--oci-layout', place];
    return (JSON.parse(await runPeer(oras!, words, { folder: temporaryFolder })) as { digest: string })
      .digest;
  };
  const window = new TallymanWindow(app.page);
  const moving = new MovingDialog(app.page);
  const { artifact, repository, sources } = window;
  await window.start.createSampleGraph();
  await artifact.isComplete();

  await window.openBar.run('Export as an archive…');
  const archive = path.join(temporaryFolder, 'carried.tar');
  await chooseDestination(app, moving.dialog, archive);
  await expect(moving.plan).toContainText('to move');
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await moving.go('Export');
  const digest = await digestAt(`${archive}:sample`);
  expect(digest).toBe(await digestAt(`${path.join(app.dataFolder, 'store')}:sample`));

  const shelf = await new LayoutFiles().writeTo(path.join(temporaryFolder, 'shelf'));
  await window.open(shelf);
  await dropFiles(sources.line('shelf, layout'), [archive]);
  await expect(moving.dialog).toHaveAccessibleName('Import an archive');
  await expect(moving.dialog.getByRole('combobox', { name: 'To' })).toHaveValue(`layout:${shelf}`);
  await expect(moving.plan).toContainText('to move');
  expect(await accessibilityProblems(app.page)).toEqual([]);
  await moving.go('Import');
  expect(await digestAt(`${shelf}:sample`)).toBe(digest);
  await repository.open('sample');
  await artifact.isComplete();
  await expect(artifact.card(/^SARIF report, .*attached to SBOM/)).toBeVisible();

  // A name goes at once, and comes back at once.
  await window.goBack();
  await repository.select('sample');
  await window.openBar.run('Untag');
  await expect(repository.chip('sample')).toBeHidden();
  await window.notices.getByRole('button', { name: 'Undo' }).click();
  await expect(repository.chip('sample')).toBeVisible();
  expect(await digestAt(`${shelf}:sample`)).toBe(digest);

  // What was done stands in the list, which the end of every spec looks at as well.
  await window.keyboard.press('ControlOrMeta+j');
  await expect(moving.transfers.getByRole('listitem', { name: /^(Export|Import) / })).toHaveCount(2);
});
