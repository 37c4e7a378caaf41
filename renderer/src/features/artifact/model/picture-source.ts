import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { contentTroubles, type ContentTrouble } from './content-trouble.ts';
import type { GraphModel } from './graph-model.ts';
import { linksOf, type Link } from './links.ts';
import { isBlob, totalSizes } from './node-facts.ts';
import type { Sortable } from './sibling-order.ts';

/** A model prepared for the picture and the tree: links turned left to right, sizes summed up, sort keys made. */
export interface PictureSource {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly links: readonly Link[];
  readonly totals: ReadonlyMap<string, number>;
  readonly troubles: ReadonlyMap<string, ContentTrouble>;
  readonly sortables: ReadonlyMap<string, Sortable>;
  /** What was asked for, as far as it is known; the first is the one. */
  readonly roots: readonly string[];
}

/** Prepares a model. `roots` may name nodes that have not come yet. */
export function pictureSource(model: GraphModel, roots: readonly string[]): PictureSource {
  const links = linksOf(model);
  const sortables = new Map(
    [...model.nodes.values()].map((node) => [
      node.digest,
      { id: node.digest, kind: node.kind, family: familyOf(node), sortText: node.title },
    ]),
  );
  const known = roots.filter((root) => model.nodes.has(root));
  const [first] = model.nodes.keys();
  return {
    nodes: model.nodes,
    links,
    totals: totalSizes(model.nodes, links),
    troubles: contentTroubles(links, model.nodes),
    sortables,
    // The walk tells first what it was asked for.
    roots: known.length > 0 || first === undefined ? known : [first],
  };
}

/** A kind, or the type of what is of no known kind: forty artifacts of forty types are no wall of one kind. */
function familyOf(node: GraphNode): string {
  if (node.kind !== 'other') return node.kind;
  return `other ${node.artifactType ?? node.configMediaType ?? node.mediaType}`;
}

/** The ids that have a card: everything, or everything but configs and layers. */
export function cardIds(source: PictureSource, contentShown: boolean): readonly string[] {
  const roots = new Set(source.roots);
  return [...source.nodes.values()]
    .filter((node) => contentShown || !isBlob(node) || roots.has(node.digest))
    .map((node) => node.digest);
}
