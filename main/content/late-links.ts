import { companionSubject, isFallbackTagOf } from './companion-subject.ts';
import { NO_WAYS } from './edge-ways.ts';
import type { GrowingGraph } from './growing-graph.ts';
import type { TagLookup } from './tag-lookup.ts';

/**
 * Links fallback indexes whose tag holds only the first half of a sha512 digest: only the nodes of the whole graph say which
 * subject that is (distribution-spec, Referrers Tag Schema).
 */
export function linkShortenedTags(graph: GrowingGraph, tags: TagLookup): void {
  for (const index of graph.nodes.values()) {
    if (!index.anchored || !index.isIndex) continue;
    for (const tag of tags.tagsOf(index.digest)) {
      const companion = companionSubject(tag);
      if (companion?.via !== 'fallback-tag' || companion.subject !== undefined) continue;
      for (const node of graph.nodes.values()) {
        if (node !== index && node.anchored && isFallbackTagOf(tag, node.digest))
          graph.refer(index, node, 'fallback-tag');
      }
    }
  }
}

/** A layout holds its links itself: a manifest in it that names a subject is one, whether or not the listing has it. */
export function linkOwnSubjects(graph: GrowingGraph): void {
  for (const { from, to, ways } of graph.edges) {
    if (ways === NO_WAYS) graph.refer(from, to, 'layout-link');
  }
}
