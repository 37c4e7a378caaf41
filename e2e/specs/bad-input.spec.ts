import {
  addBlob,
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  sha256,
} from '../../main/testing/content-script.ts';
import type { ScriptedRepository } from '../../main/testing/content-script.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { expect, test } from '../support/registries.ts';
import { releaseRepository } from '../support/release-repository.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

test('each place that cannot be opened says in its own words what came back and what to do, and the rest stays usable', async ({
  app,
  serve,
}) => {
  const { script, name } = releaseRepository();
  const good = await serve(script);
  const closed = await serve(() => undefined);
  await closed.close();
  const untrusted = await serve(() => ({ body: '{}' }), { certificate: 'self-signed' });
  const website = await serve(() => ({
    headers: { 'content-type': 'text/html' },
    body: '<html><title>Welcome to nginx!</title></html>',
  }));
  const denying = await serve(() => failure(403, 'DENIED', 'requested access to the resource is denied'));
  const failing = await serve(() => failure(418, 'UNKNOWN', 'the storage is on fire'));
  const window = new TallymanWindow(app.page);
  const seen = new Set<string>();

  for (const { host, title, says } of [
    { host: closed.host, title: 'Cannot be reached', says: /nothing listens/i },
    { host: untrusted.host, title: 'The certificate does not hold', says: /certificate/i },
    { host: website.host, title: 'That is no registry answer', says: /web page instead of/ },
    { host: denying.host, title: 'No right to look here', says: /denied/i },
    { host: failing.host, title: 'The registry failed', says: /418 UNKNOWN \(“the storage is on fire”\)/ },
  ]) {
    for (const [place, alert] of [
      [host, window.registry.alert],
      [`${host}/team/app`, window.repository.alert],
      [`${host}/team/app:1.0`, window.artifact.alert],
    ] as const) {
      await window.open(place);
      await expect(alert.getByRole('heading')).toHaveText(title);
      await expect(alert.getByRole('paragraph').first()).toContainText(says);
      // The next step stands below it, in words and as a button.
      await expect(alert.getByRole('paragraph').nth(1)).toHaveText(/\w+ \w+/);
      await expect(alert.getByRole('button', { name: 'Try again' })).toBeEnabled();
    }
    seen.add(
      (await window.artifact.alert.getByRole('paragraph').allTextContents())
        .join(' ')
        .replaceAll(host, 'HOST'),
    );
  }
  expect(seen.size).toBe(5);

  await window.open(`${good.host}/team/none:1.0`);
  await expect(window.artifact.alert.getByRole('heading')).toHaveText('Not there');
  await window.open(`${good.host}/${name}:none`);
  await expect(window.artifact.alert.getByRole('heading')).toHaveText('Not there');
  await window.open(`${good.host}/${name}`);
  await expect(window.repository.row('1.10.0')).toBeVisible();
  await window.sources.open('Local store');
  await expect(window.repository.view).toContainText('The local store is empty');
});

test('a registry that asks who is there opens after signing in, and a wrong password is said to be wrong', async ({
  app,
  serve,
}) => {
  const { script, name } = releaseRepository();
  const right = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
  const registry = await serve((request) =>
    request.headers.authorization === right
      ? script(request)
      : {
          ...failure(401, 'UNAUTHORIZED', 'authentication required'),
          headers: { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="team"' },
        },
  );
  const window = new TallymanWindow(app.page);

  await window.open(registry.host);
  await expect(window.registry.alert.getByRole('heading')).toHaveText('Signing in is needed');
  await window.registry.beginSignIn();
  await window.registry.signIn('ada', 'wrong');
  await expect(window.registry.signInDialog.getByRole('alert')).toContainText(/password|credentials/i);
  await window.registry.signIn('ada', 'secret');
  await expect(window.registry.signInDialog).toBeHidden();
  await expect(window.registry.repository(name)).toBeVisible();
  await expect(window.sources.line(/signed in as ada/)).toBeVisible();
  await window.registry.openRepository(name);
  await expect(window.repository.row('1.10.0')).toBeVisible();
});

test('a registry without a catalog shows the repository that is typed, and keeps it', async ({
  app,
  serve,
}) => {
  const { script, name } = releaseRepository();
  const registry = await serve((request) =>
    request.path === '/v2/_catalog'
      ? failure(404, 'UNSUPPORTED', 'The operation is unsupported.')
      : script(request),
  );
  const window = new TallymanWindow(app.page);

  await window.open(registry.host);
  await expect(window.registry.view.getByRole('heading', { level: 2 })).toHaveText(
    'This registry has no catalog',
  );
  await window.registry.typeRepository(`${registry.host}/${name}`);
  await expect(window.repository.row('1.10.0')).toBeVisible();
  await expect(window.sources.line(`${name}, pinned`)).toBeVisible();
  await window.open(registry.host);
  await expect(window.registry.repository(name)).toBeVisible();
  await window.reload();
  await expect(window.registry.repository(name)).toBeVisible();
});

test('a missing child and a lying one are each a node with its own reason, and everything else is there', async ({
  app,
  serve,
}) => {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const config = plainConfig(repository);
  const child = (architecture: string): { digest: string; size: number } => {
    const digest = addManifest(
      repository,
      { schemaVersion: 2, mediaType: MANIFEST, config, layers: [], architecture },
      MANIFEST,
    );
    return { digest, size: repository.manifests.get(digest)?.bytes.byteLength ?? 0 };
  };
  const [whole, lying] = [child('amd64'), child('arm64')];
  const missing = { digest: sha256(Buffer.from('never pushed')), size: 7 };
  const platforms = ['amd64', 'arm64', 's390x'];
  addManifest(
    repository,
    {
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [whole, lying, missing].map((each, at) => ({
        mediaType: MANIFEST,
        ...each,
        platform: { os: 'linux', architecture: platforms[at] },
      })),
    },
    INDEX,
    '1.0',
  );
  const other = Buffer.from('{"schemaVersion":2,"layers":[],"architecture":"evil"}');
  repository.manifests.set(lying.digest, { mediaType: MANIFEST, bytes: other });
  const registry = await serve(serveContent(content));
  const window = new TallymanWindow(app.page);
  const { artifact, inspector } = window;

  await window.open(`${registry.host}/team/app:1.0`);
  await artifact.isComplete();
  await expect(artifact.summary).toContainText('4 nodes');
  await expect(artifact.summary).toContainText('2 problems');
  await expect(artifact.card(/^linux\/amd64, .*digest matches/)).toBeVisible();
  await artifact.selectCard(/^linux\/arm64, .*Damaged/);
  await expect(inspector.alert).toContainText('Damaged: not what was named');
  await expect(inspector.alert).toContainText(lying.digest);
  await expect(inspector.alert).toContainText(sha256(other));
  await expect(inspector.pane).not.toContainText('digest matches');
  await artifact.selectCard(/^linux\/s390x, .*Missing/);
  await expect(inspector.alert).toContainText('Missing');

  await artifact.showAs('Tree');
  const nodes = (await artifact.lines()).filter(({ digest }) => digest !== '');
  expect(nodes.map(({ what, state }) => `${what}: ${state}`)).toEqual([
    'Image index1.0: digest matches',
    'linux/amd64: digest matches',
    'linux/arm64: damaged',
    'linux/s390x: missing',
  ]);
  await artifact.selectRow('linux/arm64');
  await inspector.show('JSON');
  await expect(inspector.alert.first()).toContainText('Damaged');
  await expect(inspector.pane).not.toContainText('evil');
});

test('a manifest of 4.1 MB is read, checked and shown', async ({ app, serve }) => {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const digest = addManifest(
    repository,
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'application/vnd.acme.large',
      config: plainConfig(repository),
      layers: [],
      annotations: Object.fromEntries(
        Array.from({ length: 40_000 }, (_, at) => [`com.example.${at}`, 'x'.repeat(80)]),
      ),
    },
    MANIFEST,
    'large',
  );
  const registry = await serve(serveContent(content));
  const window = new TallymanWindow(app.page);

  await window.open(`${registry.host}/team/app:large`);
  await window.artifact.isComplete();
  await window.artifact.selectCard(/^application\/vnd\.acme\.large, .*4\.\d MB.*digest matches/);
  await expect(window.inspector.fact('Digest')).toContainText(digest);
  await expect(window.inspector.pane).toContainText('com.example.0');
  await window.inspector.show('JSON');
  await expect(window.inspector.json).toContainText('"com.example.3"');
});

function plainConfig(repository: ScriptedRepository): object {
  return {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: addBlob(repository, Buffer.from('{}')),
    size: 2,
  };
}
