import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TransferRequest } from '../../../shared/contract/transfer-request.ts';
import { hasEnded, type TransferState } from '../../../shared/contract/transfer-words.ts';
import type { TransferJob } from '../../../shared/contract/transfers.ts';
import { noise } from '../blob-sources.ts';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.ts';
import { startHost, type HostClient } from '../host-client.ts';
import { serveLayout, type ServedLayout } from '../serve-layout.ts';

const REPOSITORY = 'team/app';
/** Bytes of noise of which files are made: large enough that no part of a file looks like another. */
const PATTERN_SIZE = 1024 * 1024;

/** A file of this many bytes, its content drawn by a seed. */
export interface MadeFile {
  readonly path: string;
  readonly size: number;
  /** Hexadecimal digits. */
  readonly sha256: string;
}

/** The services of one program, and an own server behind a proxy that can spoil everything between them. */
export interface TransferWorld {
  readonly served: ServedLayout;
  readonly proxy: FaultProxy;
  readonly host: HostClient;
  readonly target: { readonly source: string; readonly repository: string };
  /** Where pulls go. */
  readonly pulled: string;
  file(name: string, size: number): Promise<MadeFile>;
  /** A request that pushes a file under its name as tag. */
  push(file: MadeFile): Promise<TransferRequest>;
  /** A request that pulls what was pushed so. */
  pull(file: MadeFile): Promise<TransferRequest>;
  start(request: TransferRequest): Promise<string>;
  /** Waits until a job has ended, or is in this state. */
  reach(id: string, state?: TransferState): Promise<TransferJob>;
  run(request: TransferRequest): Promise<TransferJob>;
  close(): Promise<void>;
}

export interface TransferWorldOptions {
  readonly folder: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export async function createTransferWorld({
  folder,
  seed,
  signal,
}: TransferWorldOptions): Promise<TransferWorld> {
  await mkdir(folder, { recursive: true });
  const served = await serveLayout({ folder: path.join(folder, 'registry') });
  const proxy = await startFaultProxy(served.host);
  const pulled = path.join(folder, 'pulled');
  await mkdir(pulled);
  const host = await startHost({
    folder: path.join(folder, 'host'),
    ports: { pickFiles: () => Promise.resolve([pulled]) },
  });
  await host.call('sources.add', { kind: 'registry', location: proxy.host, plainHttp: true });
  const target = { source: `registry:${proxy.host}`, repository: REPOSITORY };
  let files = 0;

  const start = async (request: TransferRequest): Promise<string> =>
    (await host.call('transfers.start', { request })).job.id;

  const reach = async (id: string, state?: TransferState): Promise<TransferJob> => {
    for (;;) {
      signal.throwIfAborted();
      const { jobs } = await host.call('transfers.list', {});
      const job = jobs.find((each) => each.id === id);
      if (job === undefined) throw new Error(`There is no job ${id}.`);
      if (hasEnded(job.state) || job.state === state) return job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  return {
    served,
    proxy,
    host,
    target,
    pulled,
    async file(name, size) {
      files += 1;
      return await makeFile(path.join(folder, 'files', name), size, seed + files);
    },
    async push(file) {
      const [granted] = await host.services.grantFiles([file.path]);
      return {
        kind: 'push',
        target,
        files: [{ file: granted!.token }],
        artifactType: 'application/vnd.test',
        tags: [path.basename(file.path)],
      };
    },
    async pull(file) {
      const { files: granted } = await host.call('files.pick', { what: 'save-folder' });
      return {
        kind: 'pull',
        target,
        reference: path.basename(file.path),
        folder: granted[0]!.token,
        existing: 'keep',
      };
    },
    start,
    reach,
    run: async (request) => reach(await start(request)),
    async close() {
      await host.close();
      await proxy.close();
      await served.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes a file whose content follows from the seed: noise, with its position woven into each part. */
export async function makeFile(file: string, size: number, seed: number): Promise<MadeFile> {
  await mkdir(path.dirname(file), { recursive: true });
  const pattern = noise(Math.min(PATTERN_SIZE, Math.max(size, 16)), seed);
  const hash = createHash('sha256');
  const handle = await open(file, 'w');
  try {
    for (let written = 0; written < size; written += pattern.byteLength) {
      pattern.writeUInt32LE((written / PATTERN_SIZE) >>> 0, 0);
      const part = pattern.subarray(0, Math.min(pattern.byteLength, size - written));
      hash.update(part);
      await handle.write(part);
    }
  } finally {
    await handle.close();
  }
  return { path: file, size, sha256: hash.digest('hex') };
}

/** Hexadecimal digits; undefined when there is no such file. */
export async function sha256OfFile(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
