import { createSampleGraph } from '../../artifacts/sample-graph.ts';
import type { HandlersOf } from '../handlers.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { LOCAL_SOURCE } from '../sources/source-list.ts';

/** The graph of the first minute: image, SBOM, signature and SARIF report, built offline in the local store. */
export function createSampleService({
  targets,
}: {
  readonly targets: OpenTargets;
}): HandlersOf<'sample.create'> {
  // Two clicks at once make one graph.
  let last: Promise<unknown> = Promise.resolve();

  const create = async (signal: AbortSignal): Promise<string> => {
    const writer = await targets.storeWriter(signal);
    try {
      return (await createSampleGraph(writer, { signal })).tag;
    } finally {
      await writer.close();
    }
  };

  return {
    async 'sample.create'(_input, { signal }) {
      const created = last.then(() => create(signal));
      last = created.catch(() => undefined);
      return { place: { kind: 'artifact', source: LOCAL_SOURCE, tag: await created } };
    },
  };
}
