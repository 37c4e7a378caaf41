import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRegistryServer, type RegistryServerOptions } from '../server/registry-server.ts';
import { openLayoutRegistry, type OpenLayoutRegistryOptions } from '../server/stores/layout-registry.ts';
import { sendRequest, type ReceivedAnswer, type SentRequest } from './send-request.ts';

/** A layout that is served. */
export interface ServedLayout {
  readonly folder: string;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** What the server could tell no client. */
  readonly faults: readonly unknown[];
  /** Asks for a path like `/v2/`, or for a `Location` as it came. */
  send(path: string, sent?: SentRequest): Promise<ReceivedAnswer>;
  /** Stops serving; the folder stays. */
  stop(): Promise<void>;
  /** Stops serving and removes the folder, if it was made here. */
  close(): Promise<void>;
}

export interface ServeLayoutOptions
  extends Partial<Omit<OpenLayoutRegistryOptions, 'signal'>>, Pick<RegistryServerOptions, 'token'> {
  /** A new one when absent. */
  readonly folder?: string;
}

/** Serves a layout in this process, on a free port. */
export async function serveLayout(options: ServeLayoutOptions = {}): Promise<ServedLayout> {
  const { folder: given, token, readOnly = false, ...open } = options;
  const made = given ?? (await mkdtemp(path.join(tmpdir(), 'tallyman-served-')));
  const faults: unknown[] = [];
  const { signal } = new AbortController();
  const registry = await openLayoutRegistry(made, { signal, readOnly, create: true, ...open });
  const server = await startRegistryServer({
    registry,
    port: 0,
    onFault: (error) => faults.push(error),
    ...(token === undefined ? {} : { token }),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.close());
  return {
    folder: made,
    host: server.address,
    faults,
    send: (place, sent) => sendRequest(new URL(place, `http://${server.address}`).href, sent),
    stop,
    async close() {
      await stop();
      if (given === undefined) await rm(made, { recursive: true, force: true });
    },
  };
}
