import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeVia } from '../../shared/contract/graph-words.ts';
import { type HeadlineGraph, pushHeadlineGraph } from '../testing/headline-graph.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import {
  hasRealRegistry,
  type RealRegistry,
  type RealRegistryKind,
  startRealRegistry,
} from '../testing/real-registries.ts';
import { peer } from '../testing/surroundings.ts';
import { runCommandLine } from './command-line/command-line.ts';
import type { GraphOutput } from './command-line/graph-json.ts';

const clients = ['crane', 'oras', 'cosign'].map(peer);
const [crane] = clients;
const REPOSITORY = 'team/app';

/** How each registry gives what refers to a digest. */
const SOURCES: readonly (readonly [RealRegistryKind, EdgeVia])[] = [
  ['olareg', 'referrers-api'],
  ['distribution-3', 'fallback-tag'],
  ['distribution-2', 'fallback-tag'],
];

describe.each(SOURCES)('the headline graph in %s, pushed by crane, oras and cosign', (kind, via) => {
  const isRunnable = crane !== undefined && !clients.includes(undefined) && hasRealRegistry(kind);

  describe.skipIf(!isRunnable)('(skipped without the registry and the clients)', () => {
    let registry: RealRegistry;
    let pushed: HeadlineGraph;
    let host: HostClient;

    beforeAll(async () => {
      registry = await startRealRegistry(kind);
      pushed = await pushHeadlineGraph({
        peers: path.dirname(crane ?? ''),
        host: registry.host,
        repository: REPOSITORY,
      });
      host = await startHost();
      await host.call('place.resolve', { text: pushed.reference });
    }, 120_000);
    afterAll(async () => {
      await host.close();
      await registry.close();
    });

    const target = (): { source: string; repository: string } => ({
      source: `registry:${registry.host}`,
      repository: REPOSITORY,
    });

    it('is one graph: image, SBOM, its report, and a signature in each storage mode, by the ways this registry has', async () => {
      let out = '';
      let err = '';
      const code = await runCommandLine(['graph', pushed.reference, '--json'], {
        environment: {},
        workingDirectory: '/',
        homeFolder: host.folder,
        version: 'test',
        signal: new AbortController().signal,
        stdout: (text) => (out += text),
        stderr: (text) => (err += text),
      });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const { root, nodes, edges } = JSON.parse(out) as GraphOutput;
      expect(root).toBe(pushed.image);
      const referrers = (subject: string) =>
        edges.filter(
          ({ to, via: ways }) => to === subject && !ways.some((way) => /^(child|config|layer)$/.test(way)),
        );
      const kindOf = (digest: string): string | undefined =>
        nodes.find((node) => node.digest === digest)?.kind;
      expect(
        referrers(pushed.image)
          .map((edge) => [kindOf(edge.from), edge.via.join()])
          .sort(),
      ).toEqual(
        [
          ['sbom-spdx', via],
          ['sigstore-bundle', via],
          ['signature-cosign', 'cosign-tag'],
          ['signature-cosign', via],
        ].sort(),
      );
      expect(referrers(pushed.sbom).map((edge) => [edge.from, kindOf(edge.from), edge.via.join()])).toEqual([
        [pushed.report, 'sarif', via],
      ]);
    });

    it('is rows with their counts: tags first, companions told apart, attachments by kind', async () => {
      const { steps } = await host.collect('repository.entries', { target: target() });
      const tags = steps.flatMap(({ entries }) => entries).map(({ tag }) => tag ?? '');
      expect(tags).toContain(pushed.tag);
      const { steps: resolved } = await host.collect('repository.resolve', {
        target: target(),
        tags: [pushed.tag],
      });
      expect(resolved[0]?.rows[0]).toMatchObject({ tag: pushed.tag, digest: pushed.image });
      const { steps: described } = await host.collect('repository.describe', {
        target: target(),
        digests: [pushed.image, pushed.sbom],
      });
      const rows = new Map(described.flatMap(({ rows: some }) => some).map((row) => [row.digest, row]));
      const counts = (digest: string): unknown =>
        Object.fromEntries(rows.get(digest)?.attached?.map((each) => [each.kind, each.count]) ?? []);
      expect(counts(pushed.image)).toEqual({ 'sbom-spdx': 1, 'sigstore-bundle': 1, 'signature-cosign': 2 });
      expect(counts(pushed.sbom)).toEqual({ sarif: 1 });
      expect(rows.get(pushed.image)).not.toHaveProperty('attachedError');
    });

    it('is in the sidebar: by the catalog, or pinned where there is none', async () => {
      const { source } = target();
      // olareg 0.1.2 has no catalog at all.
      if (kind === 'olareg') {
        await expect(host.call('repositories.list', { source })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          hint: expect.any(String),
        });
      } else {
        const { steps } = await host.collect('repositories.list', { source });
        expect(steps.flatMap(({ repositories }) => repositories)).toEqual([REPOSITORY]);
      }
      const { sources } = await host.call('sources.list', {});
      expect(sources.find(({ id }) => id === source)?.pinned).toEqual(kind === 'olareg' ? [REPOSITORY] : []);
    });

    it('gives its SBOM to be described, read and saved', async () => {
      const { steps: walk } = await host.collect('graph.walk', { target: target(), reference: pushed.sbom });
      const sbom = walk.flatMap(({ nodes }) => nodes).findLast(({ digest }) => digest === pushed.sbom);
      const { links } = await host.call('content.describe', {
        target: target(),
        digest: pushed.sbom,
        mediaType: sbom?.mediaType ?? '',
        size: sbom?.size ?? 0,
        manifest: true,
      });
      const document = links.find(({ role }) => role === 'layer 1');
      const node = {
        target: target(),
        digest: document?.digest ?? '',
        mediaType: document?.mediaType ?? '',
        size: document?.size ?? 0,
        manifest: false,
      };
      const content = await host.call('content.read', node);
      expect(content).toMatchObject({ state: 'ok', form: 'json', text: expect.stringContaining('SPDX-2.3') });
      const { path: address } = await host.call('content.saveAddress', {
        ...node,
        fileName: document?.title ?? '',
      });
      const response = await host.services.answerSave(address);
      expect(response.headers.get('content-disposition')).toContain('app.spdx.json');
      expect(await response.text()).toBe(content.text);
    });
  });
});
