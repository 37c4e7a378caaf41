import { displayText } from '../../../../../shared/display/display-text.ts';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { foundByWords, type Link } from './links.ts';

/** How one link reads from its right end: "attached to Image index, found by referrers API". */
function linkWords(link: Link, nodes: ReadonlyMap<string, GraphNode>): string {
  const title = displayText(nodes.get(link.left)?.title ?? link.left);
  const found = foundByWords(link);
  if (link.form === 'referrer') return `attached to ${title}, found by ${found.join(' and ')}`;
  return `part of ${title}${found.length === 0 ? '' : `, also found by ${found.join(' and ')}`}`;
}

/** For every node with something left of it, how it belongs there; for screen readers and tooltips. */
export function relationWords(
  links: readonly Link[],
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const link of links) {
    const before = words.get(link.right);
    const more = linkWords(link, nodes);
    words.set(link.right, before === undefined ? more : `${before}; ${more}`);
  }
  return words;
}
