import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { startRealRegistry, type RealRegistryKind } from '../../main/testing/real-registries.ts';
import { startServe } from '../../main/testing/start-serve.ts';
import type { BenchmarkContext } from './benchmark.ts';

/** An empty registry in a process of its own, with its content in a folder on the disk. */
export interface ServedStore {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  close(): Promise<void>;
}

export interface OurStore extends ServedStore {
  /** The same content served by a new process, which knows nothing of it. */
  restart(): Promise<OurStore>;
  /** Bytes of memory in use, and the most there ever were. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
}

/** Our served store, as a person starts it. */
export async function startOurs({ root, work }: BenchmarkContext): Promise<OurStore> {
  const folder = await mkdtemp(path.join(work, 'store-'));
  const start = async (): Promise<OurStore> => {
    const server = await startServe(path.join(root, 'dist/cli/run.mjs'), [folder]);
    return {
      host: server.host,
      memory: () => server.memory(),
      async restart() {
        await server.end('SIGTERM');
        return start();
      },
      async close() {
        await server.end('SIGTERM');
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
  return start();
}

/** A peer. */
export async function startPeer(kind: RealRegistryKind): Promise<ServedStore> {
  const registry = await startRealRegistry(kind);
  return { host: registry.host, close: () => registry.close() };
}
