import type { GraphEdge } from '../../../../../shared/contract/graph.ts';
import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import { viaName } from '../../../../../shared/display/via-name.ts';
import type { GraphModel } from './graph-model.ts';

/**
 * How two nodes stand to each other in the picture and in the tree.
 * - `child`: an index names a manifest
 * - `content`: a manifest names its config or a layer
 * - `referrer`: something attached to a subject
 */
export type LinkForm = 'child' | 'content' | 'referrer';

/** An edge turned so that it reads from left to right: parent → child, subject → referrer. */
export interface Link {
  readonly left: string;
  readonly right: string;
  readonly form: LinkForm;
  /** Every way it was found; an attestation that is also a child of its subject has both. */
  readonly vias: readonly EdgeVia[];
}

/** True for the ways that go from a parent to what it names, as opposed to from a referrer to its subject. */
function pointsToContent(via: EdgeVia): boolean {
  return via === 'child' || via === 'config' || via === 'layer';
}

/** True for the ways in which something is attached to a subject. */
export function isReferrerVia(via: EdgeVia): boolean {
  return !pointsToContent(via);
}

/** Said of a referrer that no source of the place lists: only its own `subject` field says what it belongs to. */
const BY_ITSELF = 'its own subject field';

/** The ways in which an attached thing was found, in words; nothing for children and content. */
export function foundByWords(link: Pick<Link, 'form' | 'vias'>): readonly string[] {
  const found = link.vias.filter(isReferrerVia).map(viaName);
  return found.length === 0 && link.form === 'referrer' ? [BY_ITSELF] : found;
}

function halves(edge: GraphEdge): Link[] {
  const downwards = edge.via.filter(pointsToContent);
  const attached = edge.via.filter(isReferrerVia);
  const links: Link[] = [];
  if (downwards.length > 0) {
    const form = downwards.includes('child') ? 'child' : 'content';
    links.push({ left: edge.from, right: edge.to, form, vias: downwards });
  }
  // An edge found in no way at all is one that only the referrer itself states.
  if (attached.length > 0 || downwards.length === 0) {
    links.push({ left: edge.to, right: edge.from, form: 'referrer', vias: attached });
  }
  return links;
}

/** Links by the edges that they were made of, and how many nodes were known then. */
const made = new WeakMap<GraphModel['edges'], { readonly nodes: number; readonly links: readonly Link[] }>();

/**
 * All links between nodes that are known, in the order of their edges; both directions of one pair become one link. The
 * same array as before as long as neither an edge nor a node has come.
 */
export function linksOf(model: GraphModel): readonly Link[] {
  const before = made.get(model.edges);
  if (before?.nodes === model.nodes.size) return before.links;
  const links = makeLinks(model);
  made.set(model.edges, { nodes: model.nodes.size, links });
  return links;
}

function makeLinks(model: GraphModel): readonly Link[] {
  const links = new Map<string, Link>();
  for (const edge of model.edges.values()) {
    if (edge.from === edge.to || !model.nodes.has(edge.from) || !model.nodes.has(edge.to)) continue;
    for (const link of halves(edge)) {
      const key = `${link.left} ${link.right}`;
      const known = links.get(key);
      links.set(key, known === undefined ? link : merged(known, link));
    }
  }
  return [...links.values()];
}

function merged(one: Link, other: Link): Link {
  const forms = [one.form, other.form];
  const form: LinkForm = forms.includes('child')
    ? 'child'
    : forms.includes('content')
      ? 'content'
      : 'referrer';
  return { left: one.left, right: one.right, form, vias: [...new Set([...one.vias, ...other.vias])] };
}
