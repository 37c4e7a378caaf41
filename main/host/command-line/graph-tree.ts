import type { GraphEdge, GraphNode, GraphSummary } from '../../../shared/contract/graph.ts';
import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import { viaName } from '../../../shared/display/via-name.ts';
import { shortDigest } from '../../../shared/oci/digest.ts';
import { type CollectedGraph, isReferrerEdge } from './collect-graph.ts';

/** Characters of indentation; what lies deeper stays at that depth, so that a hostile chain does not grow the text by its square. */
const INDENT_LIMIT = 120;

interface Line {
  readonly digest: string;
  /** What stands before the node's title: how it hangs on the line above. */
  readonly label: string;
  /** Bars of the branches further up. */
  readonly indent: string;
  readonly branch: '' | '├─ ' | '└─ ';
}

/**
 * The graph as a tree for people: what a manifest names, then what refers to it, each node whole once. Every text from outside went
 * through `displayText`, so no line breaks and no control characters but our own get out.
 */
export function graphTree(graph: CollectedGraph, summary: GraphSummary): string {
  const lines: string[] = [];
  const printed = new Set<string>();
  for (const root of summary.roots) {
    if (printed.has(root)) continue;
    // A stack of its own: a hostile graph can be deeper than the language's.
    const stack: Line[] = [{ digest: root, label: '', indent: '', branch: '' }];
    for (let line = stack.pop(); line !== undefined; line = stack.pop()) {
      const node = graph.nodes.get(line.digest);
      if (node === undefined) continue;
      const start = line.indent + line.branch + line.label;
      if (printed.has(line.digest)) {
        lines.push(`${start}${displayText(node.title)}  ${shortDigest(line.digest)}  (see above)`);
        continue;
      }
      printed.add(line.digest);
      lines.push(start + describeNode(node, line.branch === ''));
      stack.push(...branchesOf(graph, line, printed).reverse());
    }
  }
  if (summary.roots.length === 0) lines.push('Nothing is listed here.');
  lines.push('', ...summaryLines(graph, summary));
  return `${lines.join('\n')}\n`;
}

function branchesOf(
  graph: CollectedGraph,
  { digest, indent, branch }: Line,
  printed: ReadonlySet<string>,
): Line[] {
  const outgoing = graph.from(digest);
  const children = outgoing
    .filter((edge) => !isReferrerEdge(edge))
    .map((edge) => ({ digest: edge.to, label: '' }));
  const referrers = graph
    .referrersOf(digest)
    .map((edge) => ({ digest: edge.from, label: referrerLabel(edge) }));
  // What stands further up already is not repeated below; a subject is only met from below when the walk began at a referrer.
  const subjects = outgoing
    .filter((edge) => isReferrerEdge(edge) && !printed.has(edge.to))
    .map((edge) => ({ digest: edge.to, label: 'subject: ' }));
  const below = [...children, ...referrers.filter((referrer) => !printed.has(referrer.digest)), ...subjects];
  const isDeep = indent.length >= INDENT_LIMIT;
  const deeper = branch === '' ? '' : isDeep ? indent : indent + (branch === '└─ ' ? '   ' : '│  ');
  return below.map((each, index) => ({
    ...each,
    indent: deeper,
    branch: index === below.length - 1 ? '└─ ' : '├─ ',
  }));
}

function referrerLabel({ via }: GraphEdge): string {
  return via.length === 0 ? '◂ ' : `◂ ${via.map(viaName).join(', ')}: `;
}

function describeNode(node: GraphNode, isRoot: boolean): string {
  const { title, digest, size, tags, state, error, predicateType } = node;
  const parts = [displayText(title), isRoot ? displayText(digest) : shortDigest(digest), formatSize(size)];
  if (tags.length > 0) parts.push(displayText(`[${tags.join(', ')}]`));
  if (predicateType !== undefined && !title.includes(predicateType)) parts.push(displayText(predicateType));
  if (state !== 'ok' && state !== 'unchecked')
    parts.push(`✗ ${state}${error === undefined ? '' : `: ${displayText(error.message)}`}`);
  return parts.join('  ');
}

function summaryLines(graph: CollectedGraph, summary: GraphSummary): string[] {
  const nodes = graph.nodes.size;
  const edges = [...graph.edges].length;
  const failed = graph.lookups.filter(({ outcome }) => outcome === 'failed');
  return [
    `${count(nodes, 'node')}, ${count(edges, 'edge')}${summary.problems === 0 ? '' : `, ${count(summary.problems, 'problem')}`}`,
    ...summary.limits.map(({ message }) => displayText(message)),
    ...failed.map(({ source, subject, error }) =>
      displayText(
        `Could not look for referrers of ${shortDigest(subject)} (${viaName(source)})${error === undefined ? '' : `: ${error.message}`}`,
      ),
    ),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
