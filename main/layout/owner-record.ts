import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import type { FileSystem } from './file-system.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { readWholeFile } from './read-whole-file.ts';

/** The file with the record, in the folder that is owned. */
export const OWNER_RECORD_NAME = 'owner.json';

const OWNER_RECORD_LIMIT = 64 * 1024;

/** Who holds a lock or writes into a folder, and since when, as written into `owner.json`. */
export interface OwnerRecord extends ProcessIdentity {
  /** Tells two locks of one process apart; safe in a file name. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The record of a file; undefined when it is no such record. Fails with the error of the system call. */
export async function readOwnerRecord(
  fileSystem: FileSystem,
  file: string,
): Promise<OwnerRecord | undefined> {
  const { bytes } = await readWholeFile(fileSystem, file, OWNER_RECORD_LIMIT, file);
  return parseOwner(parseOrNothing(bytes));
}

/** A record out of parsed JSON; undefined when it is none. */
export function parseOwner(document: unknown): OwnerRecord | undefined {
  if (!isJsonObject(document)) return undefined;
  const [id, pid, place, since] = ['id', 'pid', 'place', 'since'].map((name) => field(document, name));
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) return undefined;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined; // 0 and less mean groups of processes
  if (typeof place !== 'string' || typeof since !== 'number' || Number.isNaN(new Date(since).getTime()))
    return undefined;
  const [startTime, bootId] = ['startTime', 'bootId'].map((name) => field(document, name));
  return {
    id,
    pid,
    place,
    since,
    ...(typeof startTime === 'string' ? { startTime } : {}),
    ...(typeof bootId === 'string' ? { bootId } : {}),
  };
}

function parseOrNothing(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch {
    return undefined;
  }
}
