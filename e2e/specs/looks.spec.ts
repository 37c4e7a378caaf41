import path from 'node:path';
import { failure, emptyContent, repositoryIn, serveContent } from '../../main/testing/content-script.ts';
import { fixtures } from '../../main/testing/surroundings.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { takePictures, WINDOW_SIZES } from '../support/pictures.ts';
import { expect, test } from '../support/registries.ts';
import { releaseRepository } from '../support/release-repository.ts';

// Pictures of every view, for people to look at beside the drawings; no text may be cut off without a sign of it.

for (const { name, width, height } of WINDOW_SIZES) {
  test(`the views look right in a ${name} window (${width} × ${height})`, async ({ app, serve }) => {
    const corpus = fixtures();
    test.skip(corpus === undefined, 'needs the fixtures (TALLYMAN_FIXTURES)');
    test.slow();
    const { script, name: repository } = releaseRepository();
    const registry = await serve(script);
    const oci = path.join(corpus ?? '', 'oci');
    const window = new TallymanWindow(app.page);
    await app.page.setViewportSize({ width, height });
    const cut: string[] = [];
    const picture = async (view: string): Promise<void> => {
      cut.push(...(await takePictures(app, `${view}-${name}`)));
    };

    await expect(window.start.heading).toBeVisible();
    await picture('start');

    await window.open(registry.host);
    await expect(window.registry.repository(repository)).toBeVisible();
    await picture('registry');
    await window.open(`${registry.host}/${repository}`);
    await expect(window.repository.row('1.10.0').getByTitle('Attestation: 1')).toBeVisible();
    await window.repository.select('1.9.1');
    await window.inspector.settles();
    await picture('repository');
    await window.repository.toggleCompanions();
    await picture('repository-companions');

    await window.open(`${path.join(oci, 'graph-oras.layout')}:1.4.0`);
    await window.artifact.isComplete();
    await picture('graph');
    await window.artifact.selectCard('SBOM · SPDX');
    await window.inspector.settles();
    await picture('graph-selected');
    await window.artifact.showAs('Tree');
    await expect(window.artifact.row('SBOM · SPDX')).toBeInViewport({ ratio: 1 });
    await picture('tree');
    await window.inspector.reveal();
    await window.inspector.show('JSON');
    await expect(window.inspector.json).toContainText('"subject"');
    await picture('inspector-json');
    await window.inspector.show('Raw');
    await expect(window.inspector.text).toContainText('"subject"');
    await picture('inspector-raw');
    await window.inspector.show('Overview');
    await picture('inspector-overview');
    await window.inspector.conceal();

    await window.open(`${path.join(oci, 'hand-wide.oci.tar')}:v1`);
    await window.artifact.isComplete();
    await picture('clusters');
    await window.open(`${path.join(oci, 'broken', 'missing-child.oci.tar')}:v1`);
    await window.artifact.isComplete();
    await window.artifact.selectCard(/Missing/);
    await window.inspector.reveal();
    await picture('missing');
    expect(cut).toEqual([]);
  });

  test(`failures look right in a ${name} window (${width} × ${height})`, async ({ app, serve }) => {
    const window = new TallymanWindow(app.page);
    await app.page.setViewportSize({ width, height });
    const cut: string[] = [];
    const picture = async (view: string): Promise<void> => {
      cut.push(...(await takePictures(app, `${view}-${name}`)));
    };
    const closed = await serve(() => undefined);
    await closed.close();
    const denying = await serve(() => ({
      ...failure(401, 'UNAUTHORIZED', 'authentication required'),
      headers: { 'www-authenticate': 'Basic realm="here"' },
    }));
    const content = emptyContent();
    repositoryIn(content, 'team/app');
    const withoutCatalog = serveContent(content);
    const silent = await serve((request) =>
      request.path === '/v2/_catalog' ? failure(404, 'UNSUPPORTED', 'no catalog') : withoutCatalog(request),
    );

    await window.open(closed.host);
    await expect(window.registry.alert).toBeVisible();
    await picture('unreachable');
    await window.open(denying.host);
    await expect(window.registry.alert).toBeVisible();
    await picture('unauthorized');
    await window.registry.beginSignIn();
    await picture('sign-in');
    await window.keyboard.press('Escape');
    await window.open(silent.host);
    await expect(window.registry.view).toContainText('no catalog');
    await picture('no-catalog');
    await window.openBar.tryToOpen('127.0.0.1:1/UPPER');
    await picture('open-anything');
    await window.openBar.close();
    await window.keyboard.press('ControlOrMeta+K');
    await window.openBar.field.fill('team');
    await expect(window.openBar.line(/team/).first()).toBeVisible();
    await picture('open-anything-found');
    await window.openBar.close();
    await window.keyboard.press('F1');
    await expect(app.page.getByRole('dialog', { name: 'Keyboard and help' })).toBeVisible();
    await picture('help');
    expect(cut).toEqual([]);
  });
}
