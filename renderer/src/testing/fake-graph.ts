import type {
  GraphEdge,
  GraphLookup,
  GraphNode,
  GraphStep,
  GraphSummary,
} from '../../../shared/contract/graph.ts';
import type { EdgeVia, NodeKind } from '../../../shared/contract/graph-words.ts';
import { fakeDigest } from './fake-digest.ts';
import { ROOT_DIGEST } from './fake-tags.ts';

/** A whole invented graph. */
export interface FakeGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly lookups: readonly GraphLookup[];
  readonly summary: GraphSummary;
}

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

type Extra = Partial<Omit<GraphNode, 'digest' | 'kind' | 'title' | 'size'>>;

function node(
  name: string,
  beginning: string,
  kind: NodeKind,
  title: string,
  size: number,
  extra: Extra = {},
): GraphNode {
  const mediaType =
    kind === 'index'
      ? INDEX_TYPE
      : kind === 'config'
        ? CONFIG_TYPE
        : kind === 'layer'
          ? LAYER_TYPE
          : MANIFEST_TYPE;
  return {
    digest: fakeDigest(name, beginning),
    kind,
    title,
    size,
    mediaType,
    tags: [],
    state: 'ok',
    ...extra,
  };
}

function edge(from: GraphNode, to: GraphNode, ...via: EdgeVia[]): GraphEdge {
  return { from: from.digest, to: to.digest, via };
}

function summaryOf(root: string, nodes: readonly GraphNode[], lookups: readonly GraphLookup[]): GraphSummary {
  const bad = nodes.filter((each) => !['ok', 'unchecked'].includes(each.state)).length;
  const problems = bad + lookups.filter((each) => each.outcome === 'failed').length;
  return { root, roots: [root], complete: problems === 0, problems, limits: [] };
}

/** The graph of the drawing: an index of two platforms and what is attached to it, in five ways, two levels deep. */
export function fakeTeamAppGraph(): FakeGraph {
  const index: GraphNode = {
    digest: ROOT_DIGEST,
    kind: 'index',
    title: 'Image index',
    size: 1_412,
    mediaType: INDEX_TYPE,
    tags: ['1.8.2', '1.8', 'latest'],
    state: 'ok',
    annotations: {
      'org.opencontainers.image.source': 'https://code.acme.example/team/app',
      'org.opencontainers.image.version': '1.8.2',
    },
  };
  const amd = node('amd64', '4be1770c', 'image', 'linux/amd64', 1_023, {
    platform: { os: 'linux', architecture: 'amd64' },
    configMediaType: CONFIG_TYPE,
  });
  const arm = node('arm64', 'c07d5e21', 'image', 'linux/arm64', 1_023, {
    platform: { os: 'linux', architecture: 'arm64' },
    configMediaType: CONFIG_TYPE,
  });
  const blobs = [amd, arm].flatMap((image, at) => [
    edgeTo(
      image,
      node(`config ${at}`, '', 'config', 'Image config', 2_318, { state: 'unchecked' }),
      'config',
    ),
    edgeTo(
      image,
      node('base layer', 'aa04bd1166fe', 'layer', 'Layer', 24_310_448, { state: 'unchecked' }),
      'layer',
    ),
    edgeTo(
      image,
      node(`layer ${at}`, '', 'layer', 'Layer', 3_402_111 + at * 77_000, { state: 'unchecked' }),
      'layer',
    ),
  ]);
  const spdx = node('spdx', 'a81d93c2e5f0', 'sbom-spdx', 'SBOM · SPDX', 812, {
    artifactType: 'application/spdx+json',
    annotations: {
      'org.opencontainers.image.title': 'app-1.8.2.spdx.json',
      'org.opencontainers.image.created': '2026-11-20T16:04:09Z',
    },
  });
  const cosign = node('cosign', '77b0e4d1', 'signature-cosign', 'Cosign signature', 1_104, {
    configMediaType: CONFIG_TYPE,
  });
  const slsa = node('slsa', 'e45b9d86', 'attestation', 'SLSA provenance', 842, {
    predicateType: 'https://slsa.dev/provenance/v1',
  });
  const cyclone = node('cyclonedx', '13c7f0b9', 'sbom-cyclonedx', 'SBOM · CycloneDX', 790, {
    artifactType: 'application/vnd.cyclonedx+json',
  });
  const sarif = node('sarif', '5d20fa3c', 'sarif', 'SARIF report', 744, {
    artifactType: 'application/sarif+json',
  });
  const notation = node('notation', 'b9137c4e', 'signature-notation', 'Notation signature', 727, {
    artifactType: 'application/vnd.cncf.notary.signature',
    state: 'damaged',
    error: {
      code: 'DIGEST_MISMATCH',
      message: 'registry.acme.example sent bytes whose digest is sha256:0badf00d…, not sha256:b9137c4e….',
      hint: 'Do not trust this copy. Ask the owner of the registry to push it again.',
    },
  });
  const sarifSignature = node('sarif signature', '20fe5a91', 'sigstore-bundle', 'Sigstore bundle', 1_087, {
    artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  });
  const nodes = [
    index,
    amd,
    arm,
    spdx,
    cosign,
    slsa,
    cyclone,
    sarif,
    notation,
    sarifSignature,
    ...blobs.map(([, blob]) => blob),
  ];
  const edges = [
    edge(index, amd, 'child'),
    edge(index, arm, 'child'),
    edge(spdx, index, 'referrers-api', 'fallback-tag'),
    edge(cosign, index, 'cosign-tag'),
    edge(slsa, index, 'buildkit-attestation'),
    edge(cyclone, index, 'fallback-tag'),
    edge(sarif, spdx, 'referrers-api'),
    edge(notation, spdx, 'referrers-api'),
    edge(sarifSignature, sarif, 'referrers-api'),
    ...blobs.map(([each]) => each),
  ];
  return whole(index.digest, nodes, edges, []);
}

/** A graph in which much goes wrong, each thing in its own way. */
export function fakeTroubledGraph(): FakeGraph {
  const index = node('troubled', 'deadbea7', 'index', 'Image index', 2_048, { tags: ['troubled'] });
  const good = node('troubled amd64', '', 'image', 'linux/amd64', 1_023, {
    platform: { os: 'linux', architecture: 'amd64' },
  });
  const missing = node('troubled riscv64', '', 'image', 'linux/riscv64', 1_023, {
    platform: { os: 'linux', architecture: 'riscv64' },
    state: 'missing',
    error: {
      code: 'MISSING',
      message: 'The index names this manifest, and registry.acme.example answers 404 to it.',
      hint: 'It was deleted, or never pushed: push the platform again.',
    },
  });
  const refused = node('troubled refused', '', 'other', 'application/vnd.example.report', 4_096, {
    artifactType: 'application/vnd.example.report',
    state: 'refused',
    error: {
      code: 'AMBIGUOUS',
      message: 'The document has both “layers” and “manifests”: two programs would read it in two ways.',
      hint: 'Push it again with one of the two.',
    },
  });
  const failed = node('troubled failed', '', 'attestation', 'In-toto attestation', 1_600, {
    state: 'failed',
    error: {
      code: 'TIMEOUT',
      message: 'registry.acme.example did not answer within 30 s to GET of this manifest.',
      hint: 'Try again; the rest of the graph is whole.',
    },
  });
  const limited = node('troubled limited', '', 'sbom-spdx', 'SBOM · SPDX', 9_300_000, {
    state: 'limited',
    error: {
      code: 'LIMIT',
      message: 'The manifest has 9.3 MB; Tallyman reads manifests up to 8.4 MB.',
      hint: 'Save it from the inspector instead.',
    },
  });
  const hostile = node('troubled hostile', '', 'other', 'evil\u202Etxt.exe<script>alert(1)</script>', 300, {
    artifactType: 'text/x-\u202Ehostile',
    annotations: { '<img src=x onerror=alert(1)>': '\u001B[31mred' },
  });
  const nodes = [index, good, missing, refused, failed, limited, hostile];
  const edges = [
    edge(index, good, 'child'),
    edge(index, missing, 'child'),
    edge(refused, index, 'referrers-api'),
    edge(failed, index, 'cosign-tag'),
    edge(limited, index, 'fallback-tag'),
    edge(hostile, good, 'referrers-api'),
  ];
  const lookups: GraphLookup[] = [
    {
      subject: index.digest,
      source: 'referrers-api',
      outcome: 'unsupported',
      reason: 'The registry answers 404 to the referrers API.',
    },
    {
      subject: good.digest,
      source: 'fallback-tag',
      outcome: 'failed',
      error: {
        code: 'RATE_LIMITED',
        message: 'registry.acme.example answered 429.',
        hint: 'It asks to wait 30 s.',
      },
    },
  ];
  return whole(index.digest, nodes, edges, lookups);
}

/** One image and a wall of signatures and reports: for clusters, and for a thousand nodes. */
export function fakeFan(count: number): FakeGraph {
  const image = node(`fan ${count}`, '', 'image', 'linux/amd64', 1_023, {
    tags: [`fan-${count}`],
    configMediaType: CONFIG_TYPE,
  });
  const nodes: GraphNode[] = [image];
  const edges: GraphEdge[] = [];
  for (let at = 0; at < count; at++) {
    const kind: NodeKind = at % 5 === 4 ? 'attestation' : 'signature-cosign';
    const title = kind === 'attestation' ? 'SLSA provenance' : 'Cosign signature';
    const subject = at < 40 ? image : (nodes[1 + (at % 40)] ?? image);
    const fresh = node(`fan ${count}/${at}`, '', kind, title, 1_000 + at);
    nodes.push(fresh);
    edges.push(edge(fresh, subject, 'referrers-api'));
  }
  return whole(image.digest, nodes, edges, []);
}

/** A single image with config and one layer, for every other name. */
export function fakeSmallGraph(name: string, tag: string | undefined, digest: string | undefined): FakeGraph {
  const image: GraphNode = {
    ...node(name, '', 'image', 'linux/amd64', 1_023, {
      platform: { os: 'linux', architecture: 'amd64' },
      configMediaType: CONFIG_TYPE,
    }),
    ...(digest === undefined ? {} : { digest }),
    tags: tag === undefined ? [] : [tag],
  };
  const config = node(`${name} config`, '', 'config', 'Image config', 1_470, { state: 'unchecked' });
  const layer = node(`${name} layer`, '', 'layer', 'Layer', 12_104_222, { state: 'unchecked' });
  return whole(
    image.digest,
    [image, config, layer],
    [edge(image, config, 'config'), edge(image, layer, 'layer')],
    [],
  );
}

/** The steps in which a walk would tell a graph: the root first, each node named (pending) before it is read. */
export function fakeSteps(graph: FakeGraph): readonly GraphStep[] {
  const steps: GraphStep[] = [];
  const known = new Set<string>([graph.summary.root]);
  let frontier = [graph.summary.root];
  const byDigest = new Map(graph.nodes.map((each) => [each.digest, each]));
  const at = (digest: string): GraphNode[] => {
    const found = byDigest.get(digest);
    return found === undefined ? [] : [found];
  };
  while (frontier.length > 0) {
    const next: string[] = [];
    for (const digest of frontier) {
      const edges = graph.edges.filter((each) => each.from === digest || each.to === digest);
      const fresh = edges
        .map((each) => (each.from === digest ? each.to : each.from))
        .filter((other) => !known.has(other));
      for (const other of fresh) known.add(other);
      next.push(...fresh);
      const named = fresh
        .flatMap(at)
        .map((each): GraphNode => (each.state === 'unchecked' ? each : withoutError(each)));
      steps.push({
        nodes: [...at(digest), ...named],
        edges: edges.filter((each) => known.has(each.from) && known.has(each.to)),
        lookups: graph.lookups.filter((each) => each.subject === digest),
        pending: 0,
      });
    }
    frontier = next;
  }
  return steps.map((step, position) => ({ ...step, pending: steps.length - position - 1 }));
}

function withoutError(each: GraphNode): GraphNode {
  const named: GraphNode = { ...each, state: 'pending' };
  delete named.error;
  return named;
}

function edgeTo(from: GraphNode, to: GraphNode, via: EdgeVia): [GraphEdge, GraphNode] {
  return [edge(from, to, via), to];
}

function whole(
  root: string,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  lookups: readonly GraphLookup[],
): FakeGraph {
  const unique = [...new Map(nodes.map((each) => [each.digest, each])).values()];
  return { nodes: unique, edges, lookups, summary: summaryOf(root, unique, lookups) };
}
