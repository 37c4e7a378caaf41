import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Content, Description } from '../../../../shared/contract/content.ts';
import { useClient } from '../../client/client-context.ts';
import type { NodeAddress } from './node-address.ts';

function keyOf(what: string, { target, digest, mediaType, size, manifest }: NodeAddress): readonly unknown[] {
  return [what, target.source, target.repository ?? '', digest, mediaType, size, manifest];
}

/** The facts of a node. What a digest names never changes; what could not be read is asked again the next time. */
export function useDescription(node: NodeAddress, enabled: boolean): UseQueryResult<Description> {
  const client = useClient();
  return useQuery({
    queryKey: keyOf('describe', node),
    queryFn: ({ signal }) => client.call('content.describe', node, { signal }),
    staleTime: (query) => (query.state.data?.errors.length === 0 ? Infinity : 0),
    enabled,
  });
}

/** How long the bytes of a node, up to 4 MiB each, are kept once nobody looks at them, in milliseconds. */
const KEEP_CONTENT = 60_000;

/** The bytes of a node, up to what is shown. */
export function useContent(node: NodeAddress, enabled: boolean): UseQueryResult<Content> {
  const client = useClient();
  return useQuery({
    queryKey: keyOf('read', node),
    queryFn: ({ signal }) => client.call('content.read', node, { signal }),
    staleTime: (query) =>
      query.state.data !== undefined && query.state.data.error === undefined ? Infinity : 0,
    gcTime: KEEP_CONTENT,
    enabled,
  });
}
