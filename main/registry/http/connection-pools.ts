import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Pool from 'undici/lib/dispatcher/pool.js';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { GuardedConnector } from './guarded-connector.ts';
import { CONNECTIONS_PER_ORIGIN, HEADER_BYTES_LIMIT, ORIGINS_KEPT } from './network-limits.ts';

/** Milliseconds an idle connection is kept. */
const KEEP_ALIVE = 15_000;

/** The open connections of one registry: a pool for each origin it leads to. */
export interface ConnectionPools {
  /**
   * The pool of that origin, held until `release` is called. When the last holder releases, connections that are
   * still opening are given up: nobody waits for them any more.
   */
  hold(origin: string): { readonly pool: Dispatcher; readonly release: () => void };
  /** Ends all connections, busy ones too. */
  close(): Promise<void>;
}

interface Entry {
  readonly pool: Pool;
  readonly opening: Set<Socket>;
  holders: number;
}

/** Makes the pools of one registry. HTTP/1.1 without pipelining: one stalled answer blocks nothing else. */
export function createConnectionPools(connector: GuardedConnector): ConnectionPools {
  const entries = new Map<string, Entry>();
  let closed = false;

  const open = (origin: string): Entry => {
    const opening = new Set<Socket>();
    const pool = new Pool(origin, {
      connections: CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES_LIMIT,
      keepAliveTimeout: KEEP_ALIVE,
      keepAliveMaxTimeout: KEEP_ALIVE,
      connect: (options, callback) => {
        // After an abort undici connects again for the request that is not wanted any more.
        if (entry.holders === 0) {
          setImmediate(() => callback(new Error('Nobody waits for this connection.'), null));
          return;
        }
        const socket = connector.open(options, (...result) => {
          opening.delete(socket);
          if (result[0] === null) callback(null, result[1]);
          else callback(result[0], null);
        });
        opening.add(socket);
      },
    });
    const entry: Entry = { pool, opening, holders: 0 };
    return entry;
  };

  const forgetOldest = (): void => {
    for (const [origin, entry] of entries) {
      if (entries.size <= ORIGINS_KEPT) return;
      if (entry.holders > 0) continue;
      entries.delete(origin);
      void entry.pool.destroy();
    }
  };

  return {
    hold(origin) {
      if (closed) throw new TallymanError({ code: 'CANCELLED', message: 'This registry was closed.' });
      const entry = entries.get(origin) ?? open(origin);
      // Taken out and put back: the map stays in order of use.
      entries.delete(origin);
      entries.set(origin, entry);
      entry.holders += 1;
      forgetOldest();
      let held = true;
      return {
        pool: entry.pool,
        release() {
          if (!held) return;
          held = false;
          entry.holders -= 1;
          if (entry.holders === 0) for (const socket of entry.opening) socket.destroy();
        },
      };
    },
    async close() {
      closed = true;
      const all = [...entries.values()];
      entries.clear();
      for (const { opening } of all) for (const socket of opening) socket.destroy();
      await Promise.all(all.map(({ pool }) => pool.destroy()));
    },
  };
}
