import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Graph } from '../content/walk-graph.ts';

/** The parts of a truth file (fixtures/oci/README.md) that say what a walk has to find. */
export interface Truth {
  readonly format: string;
  readonly entries: readonly { readonly digest: string; readonly tag: string | null }[];
  readonly tags: Readonly<Record<string, string | readonly string[]>>;
  readonly nodes: readonly TruthNode[];
  readonly edges: readonly TruthEdge[];
}

export interface TruthNode {
  readonly digest: string;
  readonly role: 'index' | 'manifest' | 'blob';
  readonly kind: string;
  readonly present: boolean;
  readonly size: number;
  readonly mediaType: string | null;
  readonly artifactType?: string;
  readonly tags?: readonly string[];
  /** A descriptor of it has a `data` field, right or wrong. */
  readonly inlineData?: boolean;
  readonly predicateTypeAnnotation?: string | null;
  readonly predicateTypes?: readonly (string | null)[];
}

export interface TruthEdge {
  readonly from: string;
  readonly to: string;
  readonly via: string;
  /** Where a foreign layer lies. */
  readonly urls?: readonly string[];
}

/** One layout of the corpus with what is true of it. */
export interface TrueLayout {
  readonly name: string;
  /** The layout as one file. */
  readonly archive: string;
  readonly truth: Truth;
}

const ARCHIVE_ENDINGS = ['.oci.tar', '.oci.tar.gz', '.docker.tar', '.docker.tar.gz'];
const TRUTH_ENDING = '.truth.json';

/** Every layout in one folder of the corpus, by name. */
export async function readTrueLayouts(
  folder: string,
  formats: readonly string[] = ['oci-layout'],
): Promise<readonly TrueLayout[]> {
  const files = new Set(await readdir(folder));
  const layouts: TrueLayout[] = [];
  for (const file of [...files].sort()) {
    if (!file.endsWith(TRUTH_ENDING)) continue;
    const name = file.slice(0, -TRUTH_ENDING.length);
    const archive = ARCHIVE_ENDINGS.map((ending) => name + ending).find((candidate) => files.has(candidate));
    const truth = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Truth;
    if (archive !== undefined && formats.includes(truth.format))
      layouts.push({ name, archive: path.join(folder, archive), truth });
  }
  return layouts;
}

/** What one walk has to find: lines that say nothing twice, to be compared as they are. */
export interface GraphLines {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

/** How things hang together in one place. A walk goes down both kinds, and up the second. */
export interface Relations {
  readonly contains: readonly Relation[];
  readonly refers: readonly Relation[];
}

export interface Relation {
  readonly from: string;
  readonly to: string;
  /** Undefined where only the referrer itself says so. */
  readonly via: string | undefined;
}

const CONTAINMENT = ['child', 'config', 'layer'];

/** What the manifests of a truth file contain. */
export function containment(truth: Truth): readonly Relation[] {
  return truth.edges.filter((edge) => CONTAINMENT.includes(edge.via));
}

/**
 * How a truth file's content hangs together in a layout: referrers are linked by `index.json` and what it leads to, or by the
 * fallback tag of their subject, or both.
 */
export function layoutRelations(truth: Truth): Relations {
  const of = (via: string): readonly TruthEdge[] => truth.edges.filter((edge) => edge.via === via);
  const fallbacks = of('fallback-tag');
  const isFallback = (digest: string): boolean => fallbacks.some((edge) => edge.from === digest);
  const linked = new Set<string>();
  const queue = truth.entries.map((entry) => entry.digest).filter((digest) => !isFallback(digest));
  for (let digest = queue.pop(); digest !== undefined; digest = queue.pop()) {
    if (linked.has(digest)) continue;
    linked.add(digest);
    queue.push(
      ...of('child')
        .filter((edge) => edge.from === digest)
        .map((edge) => edge.to),
    );
  }
  const lists = (index: string, digest: string): boolean =>
    of('child').some((edge) => edge.from === index && edge.to === digest);
  const attested = of('buildkit-attestation');
  const subjects = of('subject').flatMap(({ from, to }) => {
    const byTag = fallbacks.some((edge) => edge.to === to && lists(edge.from, from));
    const byIndex = attested.some((edge) => edge.from === from && edge.to === to);
    // A manifest that no listing leads to was found by its own subject, which in a layout is a link like any other.
    const byLink = linked.has(from) || !(byTag || byIndex);
    return [
      ...(byTag ? [{ from, to, via: 'fallback-tag' }] : []),
      ...(byLink ? [{ from, to, via: 'layout-link' }] : []),
    ];
  });
  return {
    contains: containment(truth),
    refers: [...subjects, ...fallbacks, ...of('cosign-tag'), ...attested],
  };
}

/** Everything that a walk from `roots` reaches, as lines. Kinds are those of the truth file; blobs are what names them. */
export function expectedLines(truth: Truth, relations: Relations, roots: readonly string[]): GraphLines {
  const reached = new Set<string>();
  const queue = [...roots];
  for (let digest = queue.pop(); digest !== undefined; digest = queue.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    for (const edge of relations.contains) if (edge.from === digest) queue.push(edge.to);
    for (const edge of relations.refers) {
      if (edge.from === digest) queue.push(edge.to);
      if (edge.to === digest) queue.push(edge.from);
    }
  }
  const vias = new Map<string, Set<string>>();
  for (const { from, to, via } of [...relations.contains, ...relations.refers]) {
    if (!reached.has(from)) continue;
    const found = vias.get(`${from} → ${to}`) ?? new Set();
    if (via !== undefined) found.add(via);
    vias.set(`${from} → ${to}`, found);
  }
  const kinds = new Map(
    truth.nodes.map((node) => [
      node.digest,
      node.role === 'blob' ? roleOf(relations, reached, node.digest) : node.kind,
    ]),
  );
  return {
    nodes: [...reached].map((digest) => `${digest} ${kinds.get(digest) ?? 'other'}`).sort(),
    edges: [...vias].map(([ends, found]) => `${ends} ${[...found].sort().join(', ')}`).sort(),
  };
}

/** A blob is a config if anything in reach names it as one. */
function roleOf({ contains }: Relations, reached: ReadonlySet<string>, digest: string): string {
  const named = new Set(
    contains.filter((edge) => edge.to === digest && reached.has(edge.from)).map((edge) => edge.via),
  );
  return named.has('config') ? 'config' : named.has('layer') ? 'layer' : 'other';
}

/** A walked graph in the same lines. */
export function graphLines({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): GraphLines {
  return {
    nodes: nodes.map((node) => `${node.digest} ${node.kind}`).sort(),
    edges: edges.map((edge) => `${edge.from} → ${edge.to} ${[...edge.via].sort().join(', ')}`).sort(),
  };
}
