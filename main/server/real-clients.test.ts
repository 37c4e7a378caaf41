import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../shared/oci/digest.ts';
import { recognise } from '../artifacts/recognise.ts';
import { walkGraph } from '../content/walk-graph.ts';
import { pushHeadlineGraph } from '../testing/headline-graph.ts';
import { openTestRegistry, quietSignal } from '../testing/open-registry.ts';
import { runPeer } from '../testing/run-peer.ts';
import { serveLayout, type ServedLayout } from '../testing/serve-layout.ts';
import { peer } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const [oras, regctl, helm, crane, skopeo, cosign] = [
  'oras',
  'regctl',
  'helm',
  'crane',
  'skopeo',
  'cosign',
].map(peer);

let served: ServedLayout;
let folder: string;
beforeAll(async () => {
  served = await serveLayout();
});
afterAll(() => served.close());

const without = (...names: readonly string[]): string =>
  `(skipped without ${names.join(' and ')} in TALLYMAN_PEERS)`;

/** A program with its words, in a folder of its own; its stdout without the last line end. */
async function run(program: string | undefined, ...words: readonly string[]): Promise<string> {
  return (await runPeer(program!, words, { folder })).trimEnd();
}

async function makeFolder(): Promise<void> {
  folder = await temporaryFolder();
  await writeFile(path.join(folder, 'note.txt'), 'a note');
  await writeFile(path.join(folder, 'data.bin'), randomBytes(300_000));
}

/** Pushes an artifact with oras and attaches a note to it. */
async function pushWithNote(name: string): Promise<{ readonly reference: string; readonly note: string }> {
  const reference = `${served.host}/${name}`;
  await run(oras, 'push', '--plain-http', reference, 'data.bin:application/x-data');
  const attach = ['attach', '--plain-http', '--format', 'json', '--artifact-type', 'text/x-note'];
  const { digest } = JSON.parse(await run(oras, ...attach, reference, 'note.txt:text/plain')) as {
    digest: string;
  };
  return { reference, note: digest };
}

async function discovered(...words: readonly string[]): Promise<readonly string[]> {
  const tree = JSON.parse(await run(oras, 'discover', '--format', 'json', ...words)) as {
    readonly referrers?: readonly { readonly digest: string }[];
  };
  return (tree.referrers ?? []).map(({ digest }) => digest);
}

const referrersIn = async (repository: string, digest: string): Promise<readonly string[]> => {
  const { json } = await served.send(`/v2/${repository}/referrers/${digest}`);
  return (json() as { readonly manifests: readonly { digest: string }[] }).manifests.map(
    (each) => each.digest,
  );
};

describe('real clients against a served store', () => {
  describe.skipIf(oras === undefined)(without('oras'), () => {
    it('oras pushes, attaches, discovers, pulls and copies with referrers', async () => {
      await makeFolder();
      const { reference, note } = await pushWithNote('oras/app:v1');
      expect(await discovered('--plain-http', reference)).toEqual([note]);
      await run(oras, 'pull', '--plain-http', '-o', 'pulled', reference);
      expect(await readFile(path.join(folder, 'pulled', 'data.bin'))).toEqual(
        await readFile(path.join(folder, 'data.bin')),
      );
      const copy = `${served.host}/oras/copy:v2`;
      await run(oras, 'cp', '-r', '--from-plain-http', '--to-plain-http', reference, copy);
      expect(await discovered('--plain-http', copy)).toEqual([note]);
      expect(await run(oras, 'repo', 'tags', '--plain-http', `${served.host}/oras/copy`)).toBe('v2');
      expect((await run(oras, 'repo', 'ls', '--plain-http', served.host)).split('\n')).toEqual(
        expect.arrayContaining(['oras/app', 'oras/copy']),
      );
      await run(oras, 'manifest', 'delete', '--plain-http', '-f', copy);
      expect((await served.send('/v2/oras/copy/tags/list')).json()).toEqual({ name: 'oras/copy', tags: [] });
      expect((await served.send('/v2/oras/app/manifests/v1')).status).toBe(200);
    });

    it('oras reads the served folder by repository and tag, and what it writes there is served', async () => {
      await makeFolder();
      const { reference, note } = await pushWithNote('oras/on-disk:v1');
      await run(
        oras,
        'cp',
        '-r',
        '--from-plain-http',
        '--to-plain-http',
        reference,
        `${served.host}/oras/twice:v1`,
      );
      expect(await discovered('--oci-layout-path', served.folder, 'oras/on-disk:v1')).toEqual([note]);

      await run(oras, 'push', '--oci-layout', `${served.folder}:plain`, 'note.txt');
      const own = path.basename(served.folder).toLowerCase();
      expect((await served.send(`/v2/${own}/tags/list`)).json()).toEqual({ name: own, tags: ['plain'] });
      // oras wrote index.json anew: which repository holds which referrer is still there.
      const digest = (await run(oras, 'resolve', '--plain-http', reference)) as Digest;
      expect(await referrersIn('oras/on-disk', digest)).toEqual([note]);
      expect(await referrersIn('oras/twice', digest)).toEqual([note]);
      expect(await referrersIn(own, digest)).toEqual([]);
    });
  });

  describe.skipIf(oras === undefined || regctl === undefined)(without('oras', 'regctl'), () => {
    it('regctl copies with referrers, between repositories, to a layout and back', async () => {
      await makeFolder();
      await run(regctl, 'registry', 'set', served.host, '--tls', 'disabled');
      const { reference, note } = await pushWithNote('regctl/app:v1');
      const digest = await run(regctl, 'image', 'digest', reference);
      for (const [from, to] of [
        [reference, `${served.host}/regctl/copy:v3`],
        [reference, 'ocidir://layout:v1'],
        ['ocidir://layout:v1', `${served.host}/regctl/back:v1`],
      ] as const)
        await run(regctl, 'image', 'copy', '--referrers', from, to);
      expect(await referrersIn('regctl/copy', digest)).toEqual([note]);
      expect(await referrersIn('regctl/back', digest)).toEqual([note]);
      expect(await run(regctl, 'tag', 'ls', `${served.host}/regctl/copy`)).toBe('v3');
      // The served folder itself, where regctl knows tags by their last part.
      expect(await run(regctl, 'image', 'digest', `ocidir://${served.folder}:v3`)).toBe(digest);
      expect(await run(regctl, 'artifact', 'tree', `ocidir://${served.folder}:v3`)).toContain(note);
    });
  });

  describe.skipIf(helm === undefined)(without('helm'), () => {
    it('helm pushes and pulls a chart', async () => {
      await makeFolder();
      await run(helm, 'create', 'chart');
      await run(helm, 'package', 'chart');
      await mkdir(path.join(folder, 'pulled'));
      const charts = `oci://${served.host}/helm`;
      await run(helm, 'push', '--plain-http', 'chart-0.1.0.tgz', charts);
      await run(helm, 'pull', '--plain-http', `${charts}/chart`, '--version', '0.1.0', '-d', 'pulled');
      expect((await served.send('/v2/helm/chart/tags/list')).json()).toEqual({
        name: 'helm/chart',
        tags: ['0.1.0'],
      });
    });
  });

  describe.skipIf(crane === undefined || skopeo === undefined)(without('crane', 'skopeo'), () => {
    it('crane and skopeo push, mount, copy, pull, list and delete', async () => {
      await makeFolder();
      const image = `${served.host}/crane/app:v1`;
      await run(crane, 'append', '-f', 'data.bin', '-t', image);
      const digest = await run(crane, 'digest', image);
      await run(crane, 'copy', image, `${served.host}/crane/copy:v2`);
      await run(crane, 'pull', image, 'image.tar');
      await run(crane, 'push', 'image.tar', `${served.host}/crane/again:v1`);
      expect(await run(crane, 'digest', `${served.host}/crane/again:v1`)).toBe(digest);
      expect(await run(crane, 'ls', `${served.host}/crane/copy`)).toBe('v2');

      const [source, target] = ['--src-tls-verify=false', '--dest-tls-verify=false'];
      await run(skopeo, 'copy', source, target, `docker://${image}`, `docker://${served.host}/skopeo/app:v1`);
      await run(skopeo, 'copy', source, `docker://${image}`, 'oci:layout:v1');
      await run(skopeo, 'copy', target, 'oci:layout:v1', `docker://${served.host}/skopeo/app:v2`);
      await run(skopeo, 'delete', '--tls-verify=false', `docker://${served.host}/skopeo/app:v1`);
      expect((await served.send('/v2/skopeo/app/tags/list')).json()).toEqual({
        name: 'skopeo/app',
        tags: ['v2'],
      });
      // The served folder itself, by its full name.
      const raw = await run(skopeo, 'inspect', '--raw', `oci:${served.folder}:skopeo/app:v2`);
      expect(JSON.parse(raw)).toMatchObject({ schemaVersion: 2 });
    });
  });

  describe.skipIf([oras, crane, cosign].includes(undefined))(without('oras', 'crane', 'cosign'), () => {
    it('cosign signs in each storage mode, and the whole graph is read back', async () => {
      const { image, reference } = await pushHeadlineGraph({
        peers: path.dirname(crane!),
        host: served.host,
        repository: 'team/app',
      });
      const { registry } = openTestRegistry({ host: served.host });
      const { nodes, edges, summary } = await walkGraph({
        target: registry.repository('team/app'),
        reference: '1.0.0',
        recognise,
        signal: quietSignal(),
        onStep: () => undefined,
      });
      expect([reference.endsWith(':1.0.0'), summary.root, summary.problems]).toEqual([true, image, 0]);
      const referrers = edges.filter(({ to, via }) => to === image && !via.includes('child'));
      const kindOf = (digest: string): string | undefined =>
        nodes.find((node) => node.digest === digest)?.kind;
      expect(referrers.map(({ from, via }) => [kindOf(from), via.join()]).sort()).toEqual([
        ['sbom-spdx', 'referrers-api'],
        ['signature-cosign', 'cosign-tag'],
        ['signature-cosign', 'referrers-api'],
        ['sigstore-bundle', 'referrers-api'],
      ]);
    });
  });

  it('met no fault of the server', () => {
    expect(served.faults).toEqual([]);
  });
});
