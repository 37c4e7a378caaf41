import { useCallback } from 'react';
import { isVerifiableDigest } from '../../../shared/oci/digest.ts';
import { useClient } from '../client/client-context.ts';
import { useNavigation } from '../navigation/navigation-context.ts';
import { artifactView } from '../navigation/view.ts';
import { viewOfPlace } from './view-of-place.ts';

/**
 * Opens what a person typed: a reference, a registry, a path, or a digest of the place that is on screen.
 * Rejects with what the services answer.
 */
export function useOpenPlace(): (text: string, signal?: AbortSignal) => Promise<void> {
  const client = useClient();
  const { view, go } = useNavigation();
  return useCallback(
    async (text: string, signal?: AbortSignal) => {
      const typed = text.trim();
      if (isVerifiableDigest(typed) && (view.kind === 'repository' || view.kind === 'artifact')) {
        go(artifactView(view.target, { digest: typed }));
        return;
      }
      const { place } = await client.call(
        'place.resolve',
        { text: typed },
        signal === undefined ? {} : { signal },
      );
      go(viewOfPlace(place));
    },
    [client, view, go],
  );
}
