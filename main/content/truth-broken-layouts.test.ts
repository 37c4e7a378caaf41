import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeState } from '../../shared/contract/graph-words.ts';
import type { ErrorCode } from '../../shared/errors/tallyman-error.ts';
import { recognise } from '../artifacts/recognise.ts';
import { openLayout } from '../layout/open-layout.ts';
import { fixtures } from '../testing/surroundings.ts';
import { expectedLines, graphLines, layoutRelations, readTrueLayouts, type Truth } from '../testing/truth.ts';
import { walkGraph, type Graph } from './walk-graph.ts';

const corpus = fixtures();
const layouts =
  corpus === undefined
    ? []
    : await readTrueLayouts(path.join(corpus, 'oci', 'broken'), ['oci-layout', 'none']);

/** What a walk has to say about a broken layout. */
interface Diagnosis {
  /** It cannot be opened at all. */
  readonly opening?: ErrorCode;
  /** Nodes with a fault, by the first digits of their digest. All others are `ok`. */
  readonly nodes?: Readonly<Record<string, readonly [NodeState, ErrorCode]>>;
  /** Nodes whose document may not be read, so that what it names is not shown by it. */
  readonly unread?: readonly string[];
  /** Nodes that the truth counts and that are named so badly that they are no nodes. */
  readonly unnamed?: readonly string[];
  /** Nodes beyond the truth: digests of an algorithm that cannot be verified are shown (bar, B1), the truth calls them malformed. */
  readonly more?: readonly string[];
  /** A limit that the walk names. */
  readonly limit?: string;
}

/** Fixtures that are not here are broken in ways that only the content of their blobs shows: their graph is whole. */
const DIAGNOSES: Readonly<Record<string, Diagnosis>> = {
  'deep-json': { nodes: { '62a419d7': ['limited', 'LIMIT'] }, limit: 'manifest' },
  'digest-malformed': {
    nodes: { '15680d73': ['refused', 'MALFORMED'], d41d8cd9: ['unchecked', 'UNSUPPORTED'] },
    more: ['d41d8cd9'],
  },
  'duplicate-keys': { nodes: { '0c9d6018': ['refused', 'AMBIGUOUS'] }, unread: ['0c9d6018'] },
  'index-bom': { opening: 'MALFORMED' },
  'index-empty-file': { opening: 'MALFORMED' },
  'index-missing': { opening: 'NOT_A_LAYOUT' },
  'index-not-object': { opening: 'MALFORMED' },
  'index-unreadable': { opening: 'MALFORMED' },
  'manifests-and-layers': { nodes: { '87446239': ['refused', 'AMBIGUOUS'] }, unread: ['87446239'] },
  'mediatype-disagrees': {
    nodes: { '5a1b87a2': ['refused', 'MEDIA_TYPE_MISMATCH'], e85acbbc: ['refused', 'MEDIA_TYPE_MISMATCH'] },
  },
  'missing-blob': { nodes: { c41468f7: ['missing', 'MISSING'] } },
  'missing-child': { nodes: { '16c2054a': ['missing', 'MISSING'] } },
  'missing-config': { nodes: { bff99209: ['missing', 'MISSING'] } },
  'newer-layout': { opening: 'LAYOUT_VERSION' },
  'no-oci-layout': { opening: 'NOT_A_LAYOUT' },
  'not-json-manifest': {
    nodes: {
      '4ae437f8': ['refused', 'MALFORMED'],
      faa99a22: ['refused', 'MALFORMED'],
      '74234e98': ['refused', 'MALFORMED'],
    },
  },
  'null-fields': {
    nodes: {
      '094f1cf4': ['refused', 'MALFORMED'],
      '88241c39': ['refused', 'MALFORMED'],
      '77f7ba9a': ['refused', 'MALFORMED'],
    },
  },
  'oci-layout-unreadable': { opening: 'MALFORMED' },
  'size-absurd': { nodes: { '400bf999': ['refused', 'MALFORMED'] }, unnamed: ['c41468f7', '4b19f779'] },
  'size-wrong': {
    nodes: {
      '3e280c43': ['damaged', 'SIZE_MISMATCH'],
      c41468f7: ['damaged', 'SIZE_MISMATCH'],
      '4b19f779': ['damaged', 'SIZE_MISMATCH'],
    },
  },
  'symlinked-blob': { nodes: { c41468f7: ['failed', 'UNREADABLE'] } },
  'tar-cut': { opening: 'MALFORMED' },
  'truncated-blob': { nodes: { c41468f7: ['damaged', 'SIZE_MISMATCH'] } },
  'wrong-content': { nodes: { '4b19f779': ['damaged', 'DIGEST_MISMATCH'] } },
  'wrong-manifest': { nodes: { '5a1b87a2': ['damaged', 'DIGEST_MISMATCH'] }, unread: ['5a1b87a2'] },
};

const short = (digest: string): string => digest.slice(digest.indexOf(':') + 1).slice(0, 8);

async function walk(archive: string): Promise<Graph> {
  const { signal } = new AbortController();
  const layout = await openLayout(archive, { signal });
  try {
    return await walkGraph({ target: layout.target, recognise, signal });
  } finally {
    await layout.close();
  }
}

/** The truth without what may not be read: an unread document is no image and names nothing. */
function readable(truth: Truth, { unread = [], unnamed = [] }: Diagnosis): Truth {
  return {
    ...truth,
    nodes: truth.nodes.map((node) =>
      unread.includes(short(node.digest)) ? { ...node, kind: 'other' } : node,
    ),
    edges: truth.edges.filter(
      ({ from, to }) => !unread.includes(short(from)) && !unnamed.includes(short(to)),
    ),
  };
}

describe.skipIf(corpus === undefined)(
  'the graph of a broken layout (skipped where TALLYMAN_FIXTURES names none)',
  () => {
    it('is looked at in a corpus that is there', () => {
      expect(layouts.map((layout) => layout.name)).toEqual(expect.arrayContaining(Object.keys(DIAGNOSES)));
    });

    const opened = layouts.filter(
      ({ name, truth }) => DIAGNOSES[name]?.opening === undefined && truth.format === 'oci-layout',
    );

    it.each(opened)(
      '$name: shows the fault at its node, and everything else',
      async ({ name, archive, truth }) => {
        const diagnosis = DIAGNOSES[name] ?? {};
        const graph = await walk(archive);

        const faults = graph.nodes.filter((node) => node.state !== 'ok');
        expect(
          Object.fromEntries(faults.map((node) => [short(node.digest), [node.state, node.error?.code]])),
        ).toEqual(diagnosis.nodes ?? {});
        expect(faults.every((node) => node.error?.hint !== undefined)).toBe(true);

        const { more = [] } = diagnosis;
        const extra = {
          nodes: graph.nodes.filter((node) => more.includes(short(node.digest))),
          edges: graph.edges.filter((edge) => more.includes(short(edge.to))),
        };
        expect(extra.nodes).toHaveLength(more.length);
        const shown = graphLines({
          nodes: graph.nodes.filter((node) => !extra.nodes.includes(node)),
          edges: graph.edges.filter((edge) => !extra.edges.includes(edge)),
        });
        const truthful = readable(truth, diagnosis);
        expect(shown).toEqual(
          expectedLines(
            truthful,
            layoutRelations(truthful),
            truth.entries.map((entry) => entry.digest),
          ),
        );

        const counted = faults.filter((node) => node.state !== 'unchecked');
        expect(graph.summary).toMatchObject({ complete: counted.length === 0, problems: counted.length });
        expect(graph.summary.limits.map((limit) => limit.name)).toEqual(
          diagnosis.limit === undefined ? [] : [diagnosis.limit],
        );
      },
    );

    it.each(layouts.filter(({ name }) => DIAGNOSES[name]?.opening !== undefined))(
      '$name: says why it cannot be opened, and what to do',
      async ({ name, archive }) => {
        await expect(walk(archive)).rejects.toMatchObject({
          code: DIAGNOSES[name]?.opening,
          hint: expect.any(String) as string,
        });
      },
    );

    it('finds a layout that lies in a folder inside its tar', async () => {
      const { archive } = layouts.find((layout) => layout.name === 'tar-in-folder')!;
      expect((await walk(archive)).summary).toMatchObject({ complete: true });
    });
  },
);
