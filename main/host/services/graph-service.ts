import { recognise } from '../../artifacts/recognise.ts';
import { walkGraph } from '../../content/walk-graph.ts';
import type { HandlersOf } from '../handlers.ts';
import type { ManifestCache } from '../reading/manifest-cache.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { placeKey } from '../sources/place-key.ts';

export interface GraphServiceOptions {
  readonly targets: OpenTargets;
  readonly manifests: ManifestCache;
}

/** The graph around a tag or digest, or around everything that a layout lists. */
export function createGraphService({ targets, manifests }: GraphServiceOptions): HandlersOf<'graph.walk'> {
  return {
    async 'graph.walk'({ target: address, reference }, { signal, step }) {
      const target = await targets.target(address, signal);
      const { summary } = await walkGraph({
        target: manifests.fresh(target, placeKey(address)),
        ...(reference === undefined ? {} : { reference }),
        recognise,
        signal,
        onStep: step,
      });
      return summary;
    },
  };
}
