import type { GraphNode } from '../../../../shared/contract/graph.ts';
import type { RowDetails } from '../../../../shared/contract/repository.ts';
import { nodeTitle } from '../../../../shared/display/node-title.ts';

/** A row as the inspector takes it: a node of a graph that was not walked. */
export function rowNode(details: RowDetails, tags: readonly string[], manifestSize: number): GraphNode {
  const { digest, kind, mediaType, artifactType, predicateType, platforms, error } = details;
  const [platform] = platforms;
  return {
    digest,
    kind,
    mediaType,
    size: manifestSize,
    tags: [...tags],
    state: error === undefined ? 'ok' : 'refused',
    title: nodeTitle({
      kind,
      mediaType,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(predicateType === undefined ? {} : { predicateType }),
      ...(kind === 'image' && platform !== undefined && platforms.length === 1 ? { platform } : {}),
    }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(predicateType === undefined ? {} : { predicateType }),
    ...(kind === 'image' && platform !== undefined && platforms.length === 1 ? { platform } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
