import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import type { Link, LinkForm } from '../model/links.ts';
import { isProblem } from '../model/node-facts.ts';
import type { Placement } from '../model/placement.ts';

interface RowBase {
  /** The same for the same row in every tree of one graph. */
  readonly key: string;
  /** 1 for the tops, as aria-level counts. */
  readonly level: number;
  /** Place among its siblings, from 1. */
  readonly position: number;
  readonly siblings: number;
  /** Key of the row it stands under. */
  readonly parent?: string;
}

/** A node at its one place in the tree. */
export interface NodeRow extends RowBase {
  readonly type: 'node';
  readonly node: GraphNode;
  readonly form?: LinkForm;
  readonly vias: readonly EdgeVia[];
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** A node met again: a diamond or a circle. Leads to its one place. */
export interface ReferenceRow extends RowBase {
  readonly type: 'reference';
  readonly node: GraphNode;
  readonly form: LinkForm;
  readonly vias: readonly EdgeVia[];
  readonly place: 'above' | 'below';
}

/** Config and layers of one manifest, folded into one line. */
export interface ContentRow extends RowBase {
  readonly type: 'content';
  readonly layers: number;
  readonly configs: number;
  /** Bytes of all of them, each digest once. */
  readonly size: number;
  /** How many of them have a problem. */
  readonly problems: number;
  readonly expanded: boolean;
}

export type TreeRow = NodeRow | ReferenceRow | ContentRow;

export interface TreeInput {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly beside: ReadonlyMap<string, readonly Link[]>;
  readonly placement: Placement;
  /** Rows that are not as they begin: a closed node, an opened content row. */
  readonly toggled: ReadonlySet<string>;
  /** True when content rows begin opened. */
  readonly contentShown: boolean;
}

/** Key of a node's own row. */
export function nodeKey(digest: string): string {
  return digest;
}

/** Key of the row that folds a manifest's content. */
export function contentKey(digest: string): string {
  return `content ${digest}`;
}

interface Pending {
  readonly row: TreeRow;
  readonly children: () => readonly Pending[];
}

/**
 * The rows of the tree from top to bottom, without what is folded away. Every node has one place, the same as in the
 * picture: beside its anchor. Elsewhere it is met as a reference to that place, which also ends every circle.
 */
export function treeRows(input: TreeInput): readonly TreeRow[] {
  const { nodes, beside, placement } = input;
  const rows: TreeRow[] = [];
  const tops = placement.tops.flatMap((id) => nodes.get(id) ?? []);
  const stack = tops
    .map((node, index) => nodeRow(node, undefined, { level: 1, position: index + 1, siblings: tops.length }))
    .reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    rows.push(next.row);
    const children = next.children();
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index];
      if (child !== undefined) stack.push(child);
    }
  }
  return withPlaces(rows);

  function nodeRow(node: GraphNode, link: Link | undefined, base: Omit<RowBase, 'key'>): Pending {
    const key = nodeKey(node.digest);
    const expandable = (beside.get(node.digest)?.length ?? 0) > 0;
    const expanded = expandable && !input.toggled.has(key);
    return {
      row: {
        type: 'node',
        key,
        ...base,
        node,
        ...(link === undefined ? {} : { form: link.form }),
        vias: link?.vias ?? [],
        expandable,
        expanded,
      },
      children: () => (expanded ? rowsUnder(node, key, base.level + 1) : []),
    };
  }

  function rowsUnder(node: GraphNode, parent: string, level: number): readonly Pending[] {
    const links = beside.get(node.digest) ?? [];
    const content = links.filter((link) => link.form === 'content');
    const others = links.filter((link) => link.form !== 'content');
    const siblings = others.length + (content.length > 0 ? 1 : 0);
    // Children of an index first, then what a manifest holds, then what is attached to it.
    const contentAt = others.filter((link) => link.form === 'child').length;
    const base = (position: number): Omit<RowBase, 'key'> => ({ parent, level, position, siblings });
    const children: Pending[] = [];
    for (const link of others.slice(0, contentAt)) children.push(...linkRow(link, base(children.length + 1)));
    if (content.length > 0) children.push(contentRow(node, content, base(children.length + 1)));
    for (const link of others.slice(contentAt)) children.push(...linkRow(link, base(children.length + 1)));
    return children;
  }

  function contentRow(node: GraphNode, links: readonly Link[], base: Omit<RowBase, 'key'>): Pending {
    const key = contentKey(node.digest);
    const expanded = input.contentShown !== input.toggled.has(key);
    const held = links.flatMap((link) => nodes.get(link.right) ?? []);
    const sizes = new Map(held.map((one) => [one.digest, one.size]));
    const configs = links.filter((link) => link.vias.includes('config')).length;
    return {
      row: {
        type: 'content',
        key,
        ...base,
        layers: links.length - configs,
        configs,
        size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
        problems: held.filter((one) => isProblem(one.state)).length,
        expanded,
      },
      children: () =>
        expanded
          ? links.flatMap((link, index) =>
              linkRow(link, {
                parent: key,
                level: base.level + 1,
                position: index + 1,
                siblings: links.length,
              }),
            )
          : [],
    };
  }

  function linkRow(link: Link, base: Omit<RowBase, 'key'>): readonly Pending[] {
    const node = nodes.get(link.right);
    if (node === undefined) return [];
    if (placement.anchors.get(link.right) === link) return [nodeRow(node, link, base)];
    const row: ReferenceRow = {
      type: 'reference',
      key: `${link.left} ${link.right}`,
      ...base,
      node,
      form: link.form,
      vias: link.vias,
      place: 'below',
    };
    return [{ row, children: () => [] }];
  }
}

/** Says of every reference whether its place lies above or below it; a folded place counts where it would open. */
function withPlaces(rows: readonly TreeRow[]): readonly TreeRow[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    if (row.type === 'node') seen.add(row.node.digest);
    return row.type === 'reference' && seen.has(row.node.digest) ? { ...row, place: 'above' } : row;
  });
}

/** The keys that must be open for a node's own row to be seen, from the top down. */
export function keysAbove(digest: string, placement: Placement): readonly string[] {
  const keys: string[] = [];
  let link = placement.anchors.get(digest);
  while (link !== undefined) {
    if (link.form === 'content') keys.push(contentKey(link.left));
    keys.push(nodeKey(link.left));
    link = placement.anchors.get(link.left);
  }
  return keys.reverse();
}
