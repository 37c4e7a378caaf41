import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphNode } from '../../shared/contract/graph.ts';
import { recognise } from '../artifacts/recognise.ts';
import { openLayout } from '../layout/open-layout.ts';
import { fixtures } from '../testing/surroundings.ts';
import {
  expectedLines,
  graphLines,
  layoutRelations,
  readTrueLayouts,
  type TrueLayout,
  type Truth,
  type TruthNode,
} from '../testing/truth.ts';
import { walkGraph, type Graph } from './walk-graph.ts';

const run = promisify(execFile);
const corpus = fixtures();
const layouts = corpus === undefined ? [] : await readTrueLayouts(path.join(corpus, 'oci'));

let work = '';
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'tallyman-truth-'));
});
afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

async function walkLayout(location: string, reference?: string): Promise<Graph> {
  const { signal } = new AbortController();
  const layout = await openLayout(location, { signal });
  try {
    return await walkGraph({ target: layout.target, reference, recognise, signal });
  } finally {
    await layout.close();
  }
}

async function unpack({ name, archive }: TrueLayout): Promise<string> {
  const folder = path.join(work, name);
  await mkdir(folder);
  await run('tar', ['-xf', archive, '-C', folder]);
  return folder;
}

/** What a node has to say about its bytes. */
function trueState(truth: Truth, node: TruthNode): readonly string[] {
  if (node.present) return ['ok'];
  if (node.inlineData === true) return ['ok', 'missing']; // right `data` is the content, wrong `data` is nothing
  const isForeign = truth.edges.some((edge) => edge.to === node.digest && edge.urls !== undefined);
  return isForeign ? ['unchecked'] : ['missing'];
}

describe.skipIf(corpus === undefined)(
  'the graph of a good layout (skipped where TALLYMAN_FIXTURES names none)',
  () => {
    it('is looked at in a corpus that is there', () => {
      expect(layouts.length).toBeGreaterThan(0);
    });

    it.each(layouts)('$name: as a tar it is exactly what its truth file says', async ({ archive, truth }) => {
      const graph = await walkLayout(archive);
      const entries = truth.entries.map((entry) => entry.digest);
      expect(graphLines(graph)).toEqual(expectedLines(truth, layoutRelations(truth), entries));
      expect(graph.roots).toEqual([...new Set(entries)]);
    });

    it.each(layouts)('$name: as a folder it is the same, and every node says what it is', async (layout) => {
      const { truth } = layout;
      const graph = await walkLayout(await unpack(layout));
      expect(graphLines(graph)).toEqual(
        expectedLines(
          truth,
          layoutRelations(truth),
          truth.entries.map((entry) => entry.digest),
        ),
      );
      const byDigest = new Map<string, GraphNode>(graph.nodes.map((node) => [node.digest, node]));
      for (const trueNode of truth.nodes) {
        const node = byDigest.get(trueNode.digest);
        expect(
          trueState(truth, trueNode),
          `${trueNode.digest} is ${node?.state} ${JSON.stringify(node?.error)}`,
        ).toContain(node?.state);
        expect(node).toMatchObject({ size: trueNode.size, tags: trueNode.tags ?? [] });
        if (trueNode.role !== 'blob') expect(node?.artifactType).toBe(trueNode.artifactType);
        if (trueNode.kind === 'sigstore-bundle')
          expect(node?.predicateType).toBe(trueNode.predicateTypeAnnotation);
        if (trueNode.kind === 'attestation') expect(node?.predicateType).toBe(trueNode.predicateTypes?.[0]);
      }
    });

    it.each(layouts)(
      '$name: each of its tags leads to everything that hangs together with it',
      async ({ archive, truth }) => {
        for (const [tag, digests] of Object.entries(truth.tags)) {
          const graph = await walkLayout(archive, tag);
          const root = typeof digests === 'string' ? digests : digests[0]!;
          expect(graph.roots).toEqual([root]);
          expect(graphLines(graph), tag).toEqual(
            expectedLines(truth, layoutRelationsFrom(truth, tag), [root]),
          );
        }
      },
    );
  },
);

/** From one tag, fallback indexes are no nodes unless the tag is one: what they link stays. */
function layoutRelationsFrom(truth: Truth, tag: string): ReturnType<typeof layoutRelations> {
  const { contains, refers } = layoutRelations(truth);
  const root = truth.tags[tag];
  return {
    contains,
    refers: refers.filter(
      (edge) => edge.via !== 'fallback-tag' || edge.from === root || !isFallbackIndex(truth, edge.from),
    ),
  };
}

function isFallbackIndex(truth: Truth, digest: string): boolean {
  return truth.edges.some((edge) => edge.via === 'fallback-tag' && edge.from === digest);
}
