import { createContext, use } from 'react';
import type { Client } from '../../../shared/contract/client.ts';

/** The window's one client of the services. Tests and the development page put a fake one here. */
export const ClientContext = createContext<Client | undefined>(undefined);

/** The client of this window. Its identity changes when a lost connection is opened again. */
export function useClient(): Client {
  const client = use(ClientContext);
  if (client === undefined) throw new Error('useClient needs a ClientContext above it.');
  return client;
}
