import type { Link } from './links.ts';

/** Where each node stands from left to right, and what it stands beside. */
export interface Placement {
  /** 0 for what has nothing to its left; otherwise one more than its anchor. */
  readonly columns: ReadonlyMap<string, number>;
  /** The one link that placed a node; every other link to it is drawn or listed as a reference only. */
  readonly anchors: ReadonlyMap<string, Link>;
  /** Nodes without an anchor, in the order in which they begin the picture and the tree. */
  readonly tops: readonly string[];
  /** Links that are no anchor: diamonds, and the ones that close a circle. */
  readonly others: readonly Link[];
}

/**
 * Places every node one column right of the farthest thing it belongs to: a BuildKit attestation, named by the index and
 * attached to one image, stands beside the image. Circles are cut where a depth-first look from the tops meets itself;
 * a circle without a top begins at the first of `roots` in it. Linear in nodes and links, without recursion.
 */
export function placeNodes(
  ids: readonly string[],
  links: readonly Link[],
  roots: readonly string[],
): Placement {
  const known = new Set(ids);
  const rightwards = new Map<string, Link[]>();
  const hasLeft = new Set<string>();
  for (const link of links) {
    if (!known.has(link.left) || !known.has(link.right)) continue;
    const list = rightwards.get(link.left);
    if (list === undefined) rightwards.set(link.left, [link]);
    else list.push(link);
    hasLeft.add(link.right);
  }

  const { postOrder, closing, tops } = depthFirst(startOrder(ids, roots, hasLeft), rightwards);

  const columns = new Map<string, number>();
  for (const id of postOrder.reverse()) {
    const column = columns.get(id) ?? 0;
    columns.set(id, column);
    for (const link of rightwards.get(id) ?? []) {
      if (!closing.has(link)) columns.set(link.right, Math.max(columns.get(link.right) ?? 0, column + 1));
    }
  }
  // Of several equally far things the first that names a node has it beside itself.
  const anchors = new Map<string, Link>();
  for (const link of links) {
    const column = columns.get(link.left);
    if (column === undefined || closing.has(link) || anchors.has(link.right)) continue;
    if (columns.get(link.right) === column + 1) anchors.set(link.right, link);
  }
  const used = new Set(anchors.values());
  const others = links.filter((link) => known.has(link.left) && known.has(link.right) && !used.has(link));
  return { columns, anchors, tops: tops.filter((id) => !anchors.has(id)), others };
}

/** Tops first (the one that leads to a root before the rest is found by the walk itself), then roots, then anything left. */
function startOrder(
  ids: readonly string[],
  roots: readonly string[],
  hasLeft: ReadonlySet<string>,
): readonly string[] {
  const wanted = new Set(roots);
  const rootTops = ids.filter((id) => !hasLeft.has(id) && wanted.has(id));
  const otherTops = ids.filter((id) => !hasLeft.has(id) && !wanted.has(id));
  const known = new Set(ids);
  return [...rootTops, ...otherTops, ...roots.filter((id) => known.has(id)), ...ids];
}

interface Walked {
  readonly postOrder: string[];
  readonly closing: ReadonlySet<Link>;
  readonly tops: readonly string[];
}

function depthFirst(starts: readonly string[], rightwards: ReadonlyMap<string, readonly Link[]>): Walked {
  const open = new Set<string>();
  const done = new Set<string>();
  const closing = new Set<Link>();
  const postOrder: string[] = [];
  const tops: string[] = [];
  for (const start of starts) {
    if (done.has(start)) continue;
    tops.push(start);
    open.add(start);
    const stack: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const link = rightwards.get(frame.id)?.[frame.next++];
      if (link === undefined) {
        stack.pop();
        open.delete(frame.id);
        done.add(frame.id);
        postOrder.push(frame.id);
      } else if (open.has(link.right)) {
        closing.add(link);
      } else if (!done.has(link.right)) {
        open.add(link.right);
        stack.push({ id: link.right, next: 0 });
      }
    }
  }
  return { postOrder, closing, tops };
}
