import { QueryClient } from '@tanstack/react-query';

/**
 * The cache of everything that the services answered. Nothing is asked again behind the person's back: what is
 * named by a digest never changes (queries of such things set `staleTime: Infinity` themselves), and what may
 * change is read again by "Reload". The services are on this machine, so the browser's idea of "offline" does not matter.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 5 * 60_000,
        gcTime: 30 * 60_000,
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
