import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { TargetAddress } from '../../../../../shared/contract/common.ts';
import { useClient } from '../../../client/client-context.ts';
import { GraphWalk, type WalkState } from './graph-walk.ts';

/**
 * The walk around one tag or digest, begun when the view opens and ended when it closes. A picture seen before is shown
 * at once and walked again behind it: tags move, and something may have been attached.
 */
export function useGraphWalk(
  target: TargetAddress,
  reference: string | undefined,
): { readonly state: WalkState; readonly reload: () => void } {
  const client = useClient();
  const cache = useQueryClient();
  const { source, repository } = target;
  const walk = useMemo(() => {
    const key = ['graph', source, repository ?? '', reference ?? ''];
    return new GraphWalk(
      { client, target: repository === undefined ? { source } : { source, repository }, reference },
      { earlier: cache.getQueryData<WalkState>(key), onDone: (state) => cache.setQueryData(key, state) },
    );
  }, [client, cache, source, repository, reference]);

  useEffect(() => {
    walk.start();
    return () => walk.stop();
  }, [walk]);

  const state = useSyncExternalStore(walk.subscribe, walk.getState);
  const reload = useCallback(() => walk.start(), [walk]);
  return { state, reload };
}
