import type { HandlersOf } from '../handlers.ts';
import type { ServedLayouts } from '../sources/served-layouts.ts';

/** Layouts as registries on this machine, for docker, oras, helm and others beside the window. */
export function createServingService({
  served,
}: {
  readonly served: ServedLayouts;
}): HandlersOf<'serving.list' | 'serving.start' | 'serving.stop'> {
  return {
    'serving.list': () => Promise.resolve({ served: served.list() }),
    async 'serving.start'({ source, ...options }, { signal }) {
      return { served: await served.start(source, options, signal) };
    },
    async 'serving.stop'({ source }) {
      await served.stop(source);
      return {};
    },
  };
}
