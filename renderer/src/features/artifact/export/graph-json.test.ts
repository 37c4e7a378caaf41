import { describe, expect, it } from 'vitest';
import type { GraphEdge, GraphNode } from '../../../../../shared/contract/graph.ts';
import { applySteps, EMPTY_GRAPH } from '../model/graph-model.ts';
import { pictureSource } from '../model/picture-source.ts';
import { graphJson } from './graph-json.ts';

const IMAGE: GraphNode = {
  digest: 'sha256:aa',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  size: 7,
  kind: 'image',
  tags: ['1.0'],
  state: 'ok',
  title: 'linux/amd64',
  platform: { os: 'linux', architecture: 'amd64' },
};
const BUNDLE: GraphNode = {
  digest: 'sha256:bb',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  predicateType: 'https://slsa.dev/provenance/v1',
  size: 9,
  kind: 'sigstore-bundle',
  tags: [],
  state: 'failed',
  error: { code: 'TIMEOUT', message: 'No answer.' },
  title: 'SLSA provenance',
};
const EDGES: readonly GraphEdge[] = [{ from: 'sha256:bb', to: 'sha256:aa', via: ['referrers-api'] }];

function output(lookups: Parameters<typeof applySteps>[1][number]['lookups'] = []): unknown {
  const model = applySteps(EMPTY_GRAPH, [{ nodes: [IMAGE, BUNDLE], edges: [...EDGES], lookups, pending: 0 }]);
  return JSON.parse(
    graphJson(pictureSource(model, ['sha256:aa']), model.edges.values(), model.lookups, undefined),
  );
}

describe('graphJson', () => {
  it('has the shape that the command line prints', () => {
    expect(output()).toEqual({
      root: 'sha256:aa',
      nodes: [
        {
          digest: 'sha256:aa',
          mediaType: IMAGE.mediaType,
          artifactType: null,
          size: 7,
          kind: 'image',
          tags: ['1.0'],
          state: 'ok',
        },
        {
          digest: 'sha256:bb',
          mediaType: BUNDLE.mediaType,
          artifactType: BUNDLE.artifactType,
          size: 9,
          kind: 'sigstore-bundle',
          predicateType: BUNDLE.predicateType,
          tags: [],
          state: 'failed',
          error: BUNDLE.error,
        },
      ],
      edges: EDGES,
      roots: ['sha256:aa'],
    });
  });

  it('says what could not be looked at', () => {
    const lookup = { subject: 'sha256:aa', source: 'referrers-api' as const, outcome: 'failed' as const };
    expect(output([lookup])).toMatchObject({ lookups: [lookup] });
  });
});
