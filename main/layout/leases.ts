import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import { ensureFolder, writeSynced } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { parseOwner, type OwnerRecord } from './owner-record.ts';
import type { ProcessTable } from './process-identity.ts';
import { readWholeFile } from './read-whole-file.ts';
import type { LayoutPaths } from './work-folder.ts';

/** How often the file of a lease is touched while its owner works. */
const HEARTBEAT_MS = 10 * 60 * 1000;

/** A lease of a process of which nothing can be told is honoured so long after its last heartbeat. */
const FOREIGN_LEASE_LIFE_MS = 24 * 60 * 60 * 1000;

/** Leases that this program let go of, and whose files the file system would not remove at that moment. */
const letGo = new Set<string>();

const LEASE_FILE_LIMIT = 16 * 1024 * 1024;

export interface LeaseOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
  readonly place: string;
}

/** Content that garbage collection leaves alone, listed or not, as long as its owner runs. */
export interface Lease {
  /** Ends it. Content that nothing else names may be collected after the grace period. */
  release(): Promise<void>;
}

/** Takes a lease; it is in force when this returns. */
export async function takeLease(
  digests: readonly Digest[],
  { fileSystem, processes, paths, place }: LeaseOptions,
): Promise<Lease> {
  const id = randomUUID();
  const file = path.join(paths.leases, `${id}.json`);
  try {
    await ensureFolder(fileSystem, paths.work);
    await ensureFolder(fileSystem, paths.leases);
    const owner: OwnerRecord = { ...(await processes.self()), id, since: Date.now() };
    await writeSynced(fileSystem, `${file}.new`, Buffer.from(JSON.stringify({ owner, digests })), 0o644);
    await fileSystem.rename(`${file}.new`, file);
  } catch (error) {
    throw fileError(error, `Reserving content in ${place}`);
  }
  const heartbeat = setInterval(() => {
    fileSystem.touch(file).catch(() => undefined); // the owner is known to run without it, on the same machine
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await fileSystem.removeFile(file).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return;
        letGo.add(id); // the next collection of this program removes the file
        throw fileError(error, `Letting go of content in ${place}`);
      });
    },
  };
}

/**
 * Content under a lease that is in force; leases of dead owners are removed on the way.
 * A lease that cannot be read fails with its error: nobody knows what it protects.
 */
export async function readLeases({
  fileSystem,
  processes,
  paths,
}: Omit<LeaseOptions, 'place'>): Promise<ReadonlySet<Digest>> {
  const leased = new Set<Digest>();
  if ((await fileSystem.look(paths.leases)) === undefined) return leased;
  for (const name of await fileSystem.list(paths.leases)) {
    if (!name.endsWith('.json')) continue; // being written: not in force yet
    const file = path.join(paths.leases, name);
    const lease = await readLease(fileSystem, file);
    if (lease === undefined) continue;
    const liveness = lease.owner === undefined ? 'unknown' : await processes.liveness(lease.owner);
    const age = Date.now() - Number(lease.modified / 1_000_000n);
    const isLetGo = lease.owner !== undefined && letGo.has(lease.owner.id);
    if (isLetGo || liveness === 'dead' || (liveness === 'unknown' && age > FOREIGN_LEASE_LIFE_MS)) {
      await fileSystem.removeFile(file).catch(() => undefined);
      continue;
    }
    for (const digest of lease.digests) leased.add(digest);
  }
  return leased;
}

interface FoundLease {
  readonly owner: OwnerRecord | undefined;
  readonly digests: readonly Digest[];
  readonly modified: bigint;
}

async function readLease(fileSystem: FileSystem, file: string): Promise<FoundLease | undefined> {
  try {
    const { bytes, info } = await readWholeFile(fileSystem, file, LEASE_FILE_LIMIT, file);
    const document = parseStrictJson(bytes);
    const digests = isJsonObject(document) ? field(document, 'digests') : undefined;
    const owner = isJsonObject(document) ? parseOwner(field(document, 'owner')) : undefined;
    const known = Array.isArray(digests)
      ? digests.filter((digest): digest is Digest => typeof digest === 'string' && isDigest(digest))
      : [];
    return { owner, digests: known, modified: info.modified };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined; // released meanwhile
    throw error;
  }
}
