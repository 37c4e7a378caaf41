import type { HandlersOf } from './handlers.ts';
import { createSampleGraph } from '../artifacts/sample-graph.ts';
import type { OpenTargets } from './open-targets.ts';
import { LOCAL_SOURCE } from './source-list.ts';

/** The graph of the first minute: image, SBOM, signature and SARIF report, built offline in the local store. */
export function createSampleService({ targets }: { readonly targets: OpenTargets }): HandlersOf<'sample.create'> {
  // Two clicks at once make one graph.
  let creating: Promise<unknown> = Promise.resolve();

  return {
    async 'sample.create'(_input, { signal }) {
      const created = creating.then(async () => createSampleGraph(await targets.storeWriter(signal)));
      creating = created.catch(() => undefined);
      const { tag } = await created;
      return { place: { kind: 'artifact', source: LOCAL_SOURCE, tag } };
    },
  };
}
