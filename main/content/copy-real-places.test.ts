import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recognise } from '../artifacts/recognise.ts';
import { LayoutTargetWriter } from '../layout/layout-target-writer.ts';
import { openLayout } from '../layout/open-layout.ts';
import { createLayout } from '../layout/write-layout.ts';
import { pushHeadlineGraph, type HeadlineGraph } from '../testing/headline-graph.ts';
import { createNotationSigner, type NotationSigner } from '../testing/notation-signature.ts';
import { openTestRegistry, quietSignal } from '../testing/open-registry.ts';
import {
  hasRealRegistry,
  startRealRegistry,
  type RealRegistry,
  type RealRegistryKind,
} from '../testing/real-registries.ts';
import { runPeer } from '../testing/run-peer.ts';
import { serveLayout, type ServedLayout } from '../testing/serve-layout.ts';
import { peer } from '../testing/surroundings.ts';
import { copyGraph } from './copy-graph.ts';
import type { CopyResult } from './copy-options.ts';
import type { Target } from './target.ts';
import type { TargetWriter } from './target-writer.ts';
import { walkGraph } from './walk-graph.ts';

/** Milliseconds for real programs on a machine that is busy with others. */
const LONG = 180_000;
const TAG = '1.0.0';
const REGISTRIES: readonly RealRegistryKind[] = ['olareg', 'distribution-3', 'distribution-2'];
const TOOLS = ['crane', 'oras', 'regctl', 'cosign', 'notation', 'skopeo'] as const;
const ready = TOOLS.every((name) => peer(name) !== undefined) && REGISTRIES.every(hasRealRegistry);

const signal = quietSignal();

/** The same digests are below and above the tag, whatever the place needs beside them to find them. */
async function digestsIn(target: Target): Promise<readonly string[]> {
  const { nodes, summary } = await walkGraph({ target, reference: TAG, recognise, signal });
  expect(summary.complete).toBe(true);
  const isFallback = (tags: readonly string[]): boolean =>
    tags.some((tag) => /^sha256-[a-f0-9]{64}$/.test(tag));
  return nodes
    .filter(({ tags }) => !isFallback(tags))
    .map(({ digest }) => digest)
    .sort();
}

describe.skipIf(!ready)('a copy of a signed graph (skipped without real registries and clients)', () => {
  let folder: string;
  let source: ServedLayout;
  let graph: HeadlineGraph;
  let notation: NotationSigner;
  let wanted: readonly string[];
  const registries: RealRegistry[] = [];

  const tool = (name: (typeof TOOLS)[number], ...words: readonly string[]): Promise<string> =>
    runPeer(peer(name)!, words, { folder });
  const repository = (host: string): Target => openTestRegistry({ host }).registry.repository('team/app');
  const copy = (from: Target, to: Target | TargetWriter): Promise<CopyResult> =>
    copyGraph({ from, to, roots: [{ reference: TAG, tags: [TAG] }], referrers: true, signal });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tallyman-copy-'));
    source = await serveLayout();
    graph = await pushHeadlineGraph({
      peers: path.dirname(peer('cosign')!),
      host: source.host,
      repository: 'team/app',
      tag: TAG,
    });
    await writeFile(path.join(folder, 'cosign.pub'), graph.publicKey);
    notation = await createNotationSigner(peer('notation')!, folder);
    await notation.sign(`${source.host}/team/app@${graph.image}`);
    for (const kind of REGISTRIES) registries.push(await startRealRegistry(kind));
  }, LONG);

  afterAll(async () => {
    await Promise.all([...registries.map((registry) => registry.close()), source.close()]);
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  /** Other programs find everything at the copy, and believe it. */
  async function checkRegistry(host: string): Promise<void> {
    const reference = `${host}/team/app:${TAG}`;
    const discovered = await tool('oras', 'discover', '--plain-http', '--format', 'json', reference);
    const tree = await tool(
      'regctl',
      'artifact',
      'tree',
      '--host',
      `reg=${host},tls=disabled`,
      '--digest-tags',
      reference,
    );
    for (const digest of [graph.sbom, graph.report]) {
      expect(discovered).toContain(digest);
      expect(tree).toContain(digest);
    }
    const keyed = ['--key', 'cosign.pub', '--insecure-ignore-tlog=true', '--allow-http-registry'];
    const image = `${host}/team/app@${graph.image}`;
    expect(await tool('cosign', 'verify', ...keyed, image)).toContain(graph.image);
    expect(await tool('cosign', 'verify', ...keyed, '--new-bundle-format=false', image)).toContain(
      graph.image,
    );
    await notation.verify(image);
    const from = ['copy', '--src-tls-verify=false', `docker://${reference}`];
    await tool('skopeo', ...from, `oci:${path.join(folder, `skopeo-${host.replace(':', '-')}`)}:x`);
  }

  it(
    'goes from a served layout to a new one, and from there round all registries and back',
    async () => {
      const first = repository(source.host);
      wanted = await digestsIn(first);
      const firstFolder = path.join(folder, 'first');
      const writer = new LayoutTargetWriter(await createLayout(firstFolder));
      const result = await copy(first, writer);
      await writer.finish();
      await writer.close();
      expect(result).toMatchObject({ skipped: { blobs: 0 }, notes: [] });
      expect(result.referrers).toBeGreaterThanOrEqual(6);
      expect(result.companionTags).toEqual([`${graph.image.replace(':', '-')}.sig`]);

      const layout = await openLayout(firstFolder, { signal });
      expect(await digestsIn(layout.target)).toEqual(wanted);
      await tool('skopeo', 'copy', `oci:${firstFolder}:${TAG}`, `oci:${path.join(folder, 'skopeo-first')}:x`);
      expect(
        await tool('oras', 'discover', '--oci-layout', '--format', 'json', `${firstFolder}:${TAG}`),
      ).toContain(graph.report);
      expect(await tool('regctl', 'artifact', 'tree', `ocidir://${firstFolder}:${TAG}`)).toContain(
        graph.report,
      );

      let from: Target = layout.target;
      for (const { host, kind } of registries) {
        const to = repository(host);
        await copy(from, to);
        expect([kind, await digestsIn(to)]).toEqual([kind, wanted]);
        await checkRegistry(host);
        const again = await copy(from, to);
        expect([kind, again.sent, again.notes]).toEqual([kind, { blobs: 0, bytes: 0 }, []]);
        from = to;
      }

      const last = path.join(folder, 'last');
      await (await createLayout(last)).close();
      const back = await openLayout(last, { signal });
      await copy(from, back.target);
      expect(await digestsIn(back.target)).toEqual(wanted);
      const { problems } = await back.check({ signal });
      expect(problems).toEqual([]);
      await Promise.all([layout.close(), back.close()]);
    },
    LONG,
  );

  it(
    'mounts within one registry instead of sending',
    async () => {
      for (const { host } of registries) {
        const { registry } = openTestRegistry({ host });
        const result = await copyGraph({
          from: registry.repository('team/app'),
          to: registry.repository('team/elsewhere'),
          roots: [{ reference: TAG, tags: ['copied'] }],
          referrers: true,
          signal,
        });
        expect(result.sent).toEqual({ blobs: 0, bytes: 0 });
        expect(result.mounted.blobs).toBeGreaterThan(5);
      }
    },
    LONG,
  );

  it(
    'takes all platforms, some or one of an index',
    async () => {
      const [{ host } = { host: '' }] = registries;
      await mkdir(path.join(folder, 'multi'), { recursive: true });
      const digests: string[] = [];
      for (const architecture of ['amd64', 'arm64', 's390x']) {
        const file = path.join(folder, `${architecture}.json`);
        await writeFile(file, JSON.stringify({ os: 'linux', architecture }));
        const pushed = await tool(
          'oras',
          'push',
          '--plain-http',
          '--format',
          'json',
          '--disable-path-validation',
          '--config',
          `${file}:application/vnd.oci.image.config.v1+json`,
          `${host}/team/multi:${architecture}`,
          `${file}:text/plain`,
        );
        digests.push((JSON.parse(pushed) as { readonly digest: string }).digest);
      }
      await tool(
        'regctl',
        'index',
        'create',
        '--host',
        `reg=${host},tls=disabled`,
        `${host}/team/multi:all`,
        ...digests.flatMap((digest) => ['--digest', digest]),
      );
      const { registry } = openTestRegistry({ host });
      const from = registry.repository('team/multi');
      const layoutFolder = path.join(folder, 'platforms');
      await (await createLayout(layoutFolder)).close();
      const layout = await openLayout(layoutFolder, { signal });
      const taken = async (tag: string, ...architectures: readonly string[]): Promise<readonly string[]> => {
        const platforms = architectures.map((architecture) => ({ os: 'linux', architecture }));
        const { roots } = await copyGraph({
          from,
          to: layout.target,
          roots: [{ reference: 'all', tags: [tag] }],
          referrers: false,
          platforms,
          signal,
        });
        return roots.map(({ digest }) => digest);
      };
      const whole = (await from.resolve('all', { signal }))?.digest;
      expect(await taken('one', 'arm64')).toEqual([digests[1]]);
      expect(await taken('all', 'amd64', 's390x', 'arm64')).toEqual([whole]);
      const [some] = await taken('some', 'amd64', 's390x');
      expect([whole, ...digests]).not.toContain(some);
      const raw = JSON.parse(await tool('skopeo', 'inspect', '--raw', `oci:${layoutFolder}:some`)) as {
        readonly manifests: readonly { readonly digest: string }[];
      };
      expect(raw.manifests.map(({ digest }) => digest)).toEqual([digests[0], digests[2]]);
      await layout.close();
    },
    LONG,
  );
});
