import path from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { recognise } from '../artifacts/recognise.ts';
import { createRegistry, type Registry } from '../registry/registry.ts';
import {
  hasRealRegistry,
  startRealRegistry,
  type RealRegistry,
  type RealRegistryKind,
} from '../testing/real-registries.ts';
import { fixtures, peer } from '../testing/surroundings.ts';
import {
  createTruthPusher,
  registryRelations,
  takeInventory,
  type TruthPusher,
} from '../testing/truth-registry.ts';
import { expectedLines, graphLines, readTrueLayouts, type TrueLayout } from '../testing/truth.ts';
import { walkGraph } from './walk-graph.ts';

const corpus = fixtures();
const layouts = corpus === undefined ? [] : await readTrueLayouts(path.join(corpus, 'oci'));
const hasClients = ['oras', 'regctl'].every((name) => peer(name) !== undefined);

/** Half of what has to do with referrers, where releases of one registry could differ: each referrer rewrites an index there. */
const withReferrers = layouts
  .filter(({ name, truth }) => {
    const vias = truth.edges.map((edge) => edge.via);
    return name !== 'hand-wide' && (vias.includes('subject') || vias.includes('cosign-tag'));
  })
  .filter((_, index) => index % 2 === 0);

interface Place {
  readonly kind: RealRegistryKind;
  readonly hasReferrersApi: boolean;
  /** Requests of one client at once. */
  readonly concurrency: number;
  readonly layouts: readonly TrueLayout[];
}

const PLACES: readonly Place[] = [
  { kind: 'olareg', hasReferrersApi: true, concurrency: 1, layouts },
  { kind: 'distribution-3', hasReferrersApi: false, concurrency: 3, layouts },
  { kind: 'distribution-2', hasReferrersApi: false, concurrency: 3, layouts: withReferrers },
];

const NO_MANIFEST = /is not a manifest/;
const DISTRIBUTION: readonly RealRegistryKind[] = ['distribution-3', 'distribution-2'];

/** What cannot come to a registry, and what is said about that. Everything else of the corpus has to. */
const REFUSALS: Readonly<
  Record<string, { readonly by?: readonly RealRegistryKind[]; readonly saying: RegExp }>
> = {
  // The type was withdrawn; the ones that are referrers are left out by the clients.
  'hand-artifact-manifests:bare': { saying: /manifest invalid/ },
  // Foreign layers are not pushed, as they should not be, and these registries insist on them.
  'hand-foreign-layers:docker': { saying: /blob unknown|layer not found/ },
  'hand-foreign-layers:oci': { saying: /blob unknown|layer not found/ },
  // Entries of index.json that are no manifests: a registry has no place for them.
  'hand-odd-mediatypes:plain-blob': { saying: NO_MANIFEST },
  'hand-odd-mediatypes:unknown-manifest': { saying: NO_MANIFEST },
  // The digest of a signed schema 1 manifest is not that of its bytes, so no client reads it from a layout.
  'image-docker-schema1:v1': { saying: NO_MANIFEST },
  // distribution computes sha256 only (distribution/distribution#4420).
  'hand-sha512:v1': { by: DISTRIBUTION, saying: /digest did not match|DIGEST_INVALID/ },
  'mod-sha512:v1': { by: DISTRIBUTION, saying: /digest did not match|DIGEST_INVALID|digest invalid/ },
};

/** Milliseconds for pushing one layout while others are pushed: distribution takes 300 referrers one by one. */
const PUSH_TIMEOUT = 120_000;

describe.each(PLACES)(
  'the graph of layouts that real clients pushed to $kind',
  ({ kind, hasReferrersApi, concurrency, layouts: pushed }) => {
    const missing = corpus === undefined || !hasClients || !hasRealRegistry(kind);
    let server: RealRegistry;
    let pusher: TruthPusher;
    let registry: Registry;

    beforeAll(async () => {
      if (missing) return;
      server = await startRealRegistry(kind);
      pusher = await createTruthPusher(server.host, concurrency);
      const credentials = { find: () => Promise.resolve(undefined) };
      registry = createRegistry({
        host: server.host,
        plainHttp: true,
        credentials,
        onWarning: () => undefined,
      });
    });
    afterAll(async () => {
      if (missing) return;
      await registry.close();
      await pusher.close();
      await server.close();
    });

    it.skipIf(missing)(
      'is looked at (skipped without TALLYMAN_FIXTURES, the registry, or oras and regctl)',
      ({ expect }) => {
        expect(pushed.length).toBeGreaterThan(0);
      },
    );

    it.skipIf(missing).concurrent.for(pushed)(
      '$name: is what its truth file says',
      { timeout: PUSH_TIMEOUT },
      async (layout, { expect }) => {
        const { name, truth } = layout;
        const { repository, tags, push, pushOnce } = await pusher.prepare(layout);
        const walked: string[] = [];
        for (const tag of tags) {
          const refusal = REFUSALS[`${name}:${tag}`];
          if (refusal !== undefined && (refusal.by ?? [kind]).includes(kind)) {
            await expect(pushOnce(tag)).rejects.toThrow(refusal.saying);
          } else {
            await push(tag);
            walked.push(tag);
          }
        }

        const inventory = await takeInventory(server.host, repository, truth);
        const relations = registryRelations(truth, inventory, hasReferrersApi);
        for (const tag of walked) {
          const root = inventory.tags.get(tag)!;
          expect([truth.tags[tag] ?? root].flat(), `the clients changed ${tag}`).toContain(root);
          const { signal } = new AbortController();
          const graph = await walkGraph({
            target: registry.repository(repository),
            reference: tag,
            recognise,
            signal,
          });

          expect(graph.roots).toEqual([root]);
          expect(graphLines(graph), tag).toEqual(expectedLines(truth, relations, [root]));

          const isManifest = new Set<string>(
            truth.nodes.filter((node) => node.role !== 'blob').map((node) => node.digest),
          );
          for (const node of graph.nodes) {
            const states = inventory.manifests.has(node.digest)
              ? ['ok']
              : isManifest.has(node.digest)
                ? ['missing']
                : ['unchecked', 'ok', 'missing'];
            expect(states, `${node.digest} is ${node.state} ${JSON.stringify(node.error)}`).toContain(
              node.state,
            );
          }
          const lookups = new Set(graph.lookups.map((lookup) => `${lookup.source} ${lookup.outcome}`));
          expect([...lookups]).toEqual(hasReferrersApi ? [] : ['referrers-api unsupported']);
        }
      },
    );
  },
);
