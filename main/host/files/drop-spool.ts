import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { checkDroppedPaths, type DroppedFile } from './dropped-paths.ts';
import type { FileGrants } from './file-grants.ts';

/** First part of the address of every drop. */
export const DROP_PATH = '/drop/';
/** Drops that may be under way at once. */
const DROPS_LIMIT = 16;
/** Milliseconds after which a drop that no job uses goes away, when another one comes. */
const DROP_LIFE_MS = 60 * 60 * 1000;
/** Bytes that must stay free on the disk. */
const DISK_RESERVE = 256 * 1024 * 1024;

/** What came of a drop so far. */
export interface DropState {
  readonly received: number;
  readonly total: number;
  /** Its top-level files and folders, when all of it is there. */
  readonly files?: readonly GrantedFile[];
}

/**
 * Takes in files that were dropped on a page of the browser host: their bytes come in pieces, one file behind the other, into a folder
 * of the drop's own. What no job needs any more is removed.
 */
export interface DropSpool {
  /** Where dropped files lie until they are used. */
  readonly folder: string;
  /** @throws TallymanError INVALID_INPUT for paths that leave the drop, LIMIT when there are too many or no room on the disk. */
  begin(files: readonly DroppedFile[]): Promise<{ readonly drop: string; readonly address: string }>;
  /** @throws TallymanError NOT_FOUND. */
  state(drop: string): DropState;
  /**
   * Takes one piece.
   * @param place - `/drop/DROP/OFFSET`
   * @returns the status to answer with: 204; 404 for no drop, 409 when the piece is not the next one, 413 when it is too large.
   */
  receive(place: string, piece: AsyncIterable<Uint8Array>): Promise<204 | 404 | 409 | 413 | 507>;
  /** Removes a drop, unless a job uses it. */
  forget(drop: string): Promise<void>;
  /** A job has ended that read these files: removes the drops that they belong to, unless another job uses them. */
  letGo(files: readonly string[]): Promise<void>;
  /** Removes what no drop of this run and no job needs: leftovers of an earlier run. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface DropSpoolOptions {
  /** Folder of all drops; made when the first one comes. */
  readonly folder: string;
  readonly grants: FileGrants;
  /** Whether a job that may still run reads from below this folder. */
  readonly isUsed: (folder: string) => boolean;
  /** The clock in milliseconds. */
  readonly now: () => number;
}

interface Drop {
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly tops: readonly { readonly name: string; readonly isFolder: boolean; readonly size: number }[];
  readonly total: number;
  received: number;
  /** The file that is being filled, and where it ends within the drop. */
  next: number;
  end: number;
  busy: boolean;
  lastUse: number;
  granted?: readonly GrantedFile[];
}

export function createDropSpool({ folder, grants, isUsed, now }: DropSpoolOptions): DropSpool {
  const drops = new Map<string, Drop>();
  const known = (token: string): Drop => {
    const drop = drops.get(token);
    if (drop !== undefined) return drop;
    throw new TallymanError({
      code: 'NOT_FOUND',
      message: 'There is no such drop any more.',
      hint: 'Drop the files again.',
    });
  };

  const remove = async (token: string, drop: Drop): Promise<void> => {
    if (drop.busy || isUsed(drop.folder)) return;
    drops.delete(token);
    grants.revokeBelow(drop.folder);
    await rm(drop.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  };

  const sweep = async (): Promise<void> => {
    const kept = new Set(Array.from(drops.values(), (drop) => drop.folder));
    for (const name of await readdir(folder).catch(() => [])) {
      const place = path.join(folder, name);
      if (!kept.has(place) && !isUsed(place))
        await rm(place, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    }
  };

  return {
    folder,
    async begin(files) {
      const parts = checkDroppedPaths(files);
      for (const [token, drop] of drops) if (now() - drop.lastUse > DROP_LIFE_MS) await remove(token, drop);
      const open = [...drops.values()].filter(({ granted }) => granted === undefined).length;
      if (open >= DROPS_LIMIT) throw tooMany();
      const total = files.reduce((sum, { size = 0 }) => sum + size, 0);
      const token = randomBytes(24).toString('base64url');
      const own = path.join(folder, token);
      await makeFolder(folder);
      await refuseWithoutRoom(folder, total);
      await makeFolder(own);
      const entries = files.map(({ size }, index) => ({
        path: path.join(own, ...(parts[index] ?? [])),
        size,
      }));
      const drop: Drop = {
        folder: own,
        files: entries.flatMap(({ path: file, size }) => (size === undefined ? [] : [{ path: file, size }])),
        tops: topsOf(files, parts),
        total,
        received: 0,
        next: 0,
        end: 0,
        busy: false,
        lastUse: now(),
      };
      for (const { path: file, size } of entries)
        await makeFolder(size === undefined ? file : path.dirname(file));
      drops.set(token, drop);
      await finishEmptyFiles(drop);
      return { drop: token, address: `${DROP_PATH}${token}/` };
    },

    state(token) {
      const drop = known(token);
      const { received, total, next, files } = drop;
      if (received < total || next < files.length || drop.busy) return { received, total };
      drop.granted ??= drop.tops.map(({ name, isFolder, size }) =>
        grants.grant(path.join(drop.folder, name), {
          kind: isFolder ? 'folder' : 'file',
          use: 'read',
          size,
          location: name,
        }),
      );
      return { received, total, files: drop.granted };
    },

    async receive(place, piece) {
      const [, token, digits] = /^\/drop\/([\w-]{1,64})\/(\d{1,15})$/.exec(place) ?? [];
      const drop = drops.get(token ?? '');
      if (drop === undefined) return 404;
      if (drop.busy || Number(digits) !== drop.received) return 409;
      drop.busy = true;
      drop.lastUse = now();
      try {
        return await takePiece(drop, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 507;
        throw error;
      } finally {
        drop.busy = false;
      }
    },

    async forget(token) {
      const drop = drops.get(token);
      if (drop !== undefined) await remove(token, drop);
    },

    async letGo(files) {
      const ended = new Set(files.map((file) => ownFolder(folder, file)).filter((own) => own !== undefined));
      for (const [token, drop] of drops) if (ended.delete(drop.folder)) await remove(token, drop);
      if (ended.size > 0) await sweep();
    },

    sweep,

    async close() {
      drops.clear();
      await sweep();
    },
  };
}

/** Adds a piece at the end, over the borders of files; what came of a piece that breaks off is kept. */
async function takePiece(drop: Drop, piece: AsyncIterable<Uint8Array>): Promise<204 | 413> {
  let handle: FileHandle | undefined;
  let taken = 0;
  try {
    for await (const chunk of piece) {
      taken += chunk.byteLength;
      if (taken > DROP_PIECE_SIZE || drop.received + chunk.byteLength > drop.total) return 413;
      for (let from = 0; from < chunk.byteLength;) {
        const file = drop.files[drop.next];
        if (file === undefined) return 413;
        const start = drop.end - file.size;
        handle ??= await open(file.path, 'r+');
        const part = chunk.subarray(from, from + drop.end - drop.received);
        const { bytesWritten } = await handle.write(part, 0, part.byteLength, drop.received - start);
        drop.received += bytesWritten;
        from += bytesWritten;
        if (drop.received < drop.end) continue;
        await handle.close();
        handle = undefined;
        drop.next += 1;
        await finishEmptyFiles(drop);
      }
    }
    return 204;
  } finally {
    await handle?.close();
  }
}

/** Makes the next file that has bytes, and every empty one before it. */
async function finishEmptyFiles(drop: Drop): Promise<void> {
  for (const { path: file, size } of drop.files.slice(drop.next)) {
    await (await open(file, 'wx', 0o600)).close();
    drop.end += size;
    if (size > 0) return;
    drop.next += 1;
  }
}

/** The folder of the drop to which a file belongs. */
function ownFolder(folder: string, file: string): string | undefined {
  const way = path.relative(folder, file);
  if (way === '' || way.startsWith('..') || path.isAbsolute(way)) return undefined;
  return path.join(folder, way.split(path.sep, 1)[0] ?? '');
}

function topsOf(files: readonly DroppedFile[], parts: readonly (readonly string[])[]): Drop['tops'] {
  const tops = new Map<string, { name: string; isFolder: boolean; size: number }>();
  for (const [index, [name = '', ...below]] of parts.entries()) {
    const size = files[index]?.size;
    const isFolder = below.length > 0 || size === undefined;
    const top = tops.get(name) ?? { name, isFolder, size: 0 };
    tops.set(name, { name, isFolder: top.isFolder || isFolder, size: top.size + (size ?? 0) });
  }
  return [...tops.values()];
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TallymanError(
      {
        code: 'UNREADABLE',
        message: `What was dropped cannot be kept (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
        hint: 'Check the rights and the free space of the data folder; TALLYMAN_DATA names another one.',
      },
      { cause: error },
    );
  }
}

async function refuseWithoutRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes + DISK_RESERVE <= bavail * bsize) return;
  throw new TallymanError({
    code: 'LIMIT',
    message: 'There is not enough room on the disk for what was dropped.',
    hint: 'Free some space, or use the command line, which reads files where they are.',
    details: { bytes, free: bavail * bsize },
  });
}

function tooMany(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `${DROPS_LIMIT} drops are under way.`,
    hint: 'Wait for one of them to end.',
    details: { limit: DROPS_LIMIT },
  });
}
