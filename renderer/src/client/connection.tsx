import { createContext, use, useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Client } from '../../../shared/contract/client.ts';
import type { Transport } from '../../../shared/contract/message.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { ClientProvider } from './client-provider.tsx';
import { keepConnected } from './keep-connected.ts';
import type { KeptConnection } from './keep-connected.ts';

/** How the window stands with the services. */
export interface Connection {
  readonly state: 'connecting' | 'open' | 'lost';
  /** Why it is lost. */
  readonly error?: ErrorData;
  /** Tries at once instead of at the next turn. */
  readonly retry: () => void;
}

const ConnectionContext = createContext<Connection>({ state: 'open', retry: () => undefined });

/** How the window stands with the services, for the banner of a lost connection. */
export function useConnection(): Connection {
  return use(ConnectionContext);
}

interface ConnectionProviderProps {
  /** Keep the same function: another one opens another connection. */
  readonly connect: () => Promise<Transport>;
  /** Shown until the first connection stands; `useConnection` tells it how that goes. */
  readonly waiting: ReactNode;
  readonly children: ReactNode;
}

/**
 * Opens the way to the services and gives its client to everything below. When it breaks, what was shown stays
 * on screen; once it is open again, what failed meanwhile is asked again.
 */
export function ConnectionProvider({ connect, waiting, children }: ConnectionProviderProps): JSX.Element {
  const queryClient = useQueryClient();
  const [client, setClient] = useState<Client>();
  const [state, setState] = useState<Pick<Connection, 'state' | 'error'>>({ state: 'connecting' });
  const kept = useRef<KeptConnection>(undefined);

  useEffect(() => {
    const connection = keepConnected(connect, {
      onOpen(next) {
        setClient(next);
        setState({ state: 'open' });
        void queryClient.invalidateQueries({ predicate: (query) => query.state.status === 'error' });
      },
      onLost: (error) => setState({ state: 'lost', error }),
    });
    kept.current = connection;
    return () => connection.stop();
  }, [connect, queryClient]);

  const connection = useMemo<Connection>(() => ({ ...state, retry: () => kept.current?.retry() }), [state]);
  return (
    <ConnectionContext value={connection}>
      {client === undefined ? waiting : <ClientProvider client={client}>{children}</ClientProvider>}
    </ConnectionContext>
  );
}
