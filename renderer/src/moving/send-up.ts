import type { Client } from '../../../shared/contract/client.ts';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { TakeOptions } from './take-files.ts';

/** How often a piece is sent again that did not arrive. */
const TRIES = 5;
/** Pause before the first of them, in milliseconds; it doubles. */
const PAUSE = 250;

/** A file of a drop, or an empty folder. */
export interface DroppedEntry {
  /** Below the drop, parts separated by "/". */
  readonly path: string;
  readonly file?: File;
}

/** Everything in the files and folders of a drop, in their order. */
export async function listDropped(
  entries: readonly (FileSystemEntry | File)[],
): Promise<readonly DroppedEntry[]> {
  const found: DroppedEntry[] = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push({ path: entry.name, file: entry });
    else await list(entry, entry.name, found);
  }
  return found;
}

async function list(entry: FileSystemEntry, path: string, found: DroppedEntry[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    ).catch((error: unknown) => {
      throw new TallymanError(
        {
          code: 'UNREADABLE',
          message: `The browser cannot read ${path}.`,
          hint: 'Check its rights, or whether it is still there.',
        },
        { cause: error },
      );
    });
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const before = found.length;
  for (;;) {
    // Answers at most a hundred at a time, and none at the end.
    const children = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (children.length === 0) break;
    for (const child of children) await list(child, `${path}/${child.name}`, found);
  }
  if (found.length === before) found.push({ path });
}

/**
 * Sends files to the host, one behind the other, and answers the tokens that stand for them. What broke off goes on where it stopped.
 * @throws TallymanError UNREADABLE when a file changed or went meanwhile, UNREACHABLE when the host does not take it.
 */
export async function sendUp(
  client: Client,
  entries: readonly DroppedEntry[],
  { signal, onProgress }: TakeOptions,
): Promise<readonly GrantedFile[]> {
  const files = entries.map(({ path, file }) => ({
    path,
    ...(file === undefined ? {} : { size: file.size }),
  }));
  const { drop, address } = await client.call('files.drop', { files }, { signal });
  try {
    const pieces = new Pieces(entries.flatMap(({ file }) => file ?? []));
    let failed = 0;
    for (let at = 0; at < pieces.total;) {
      signal.throwIfAborted();
      const piece = pieces.at(at);
      const taken = await send(`${address}${at}`, piece, signal);
      if (taken === 'taken') {
        at += piece.size;
        failed = 0;
      } else {
        failed += 1;
        if (failed >= TRIES) throw notTaken(taken);
        await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (failed - 1)));
        at = (await client.call('files.dropped', { drop }, { signal })).received;
      }
      onProgress(at, pieces.total);
    }
    const done = await client.call('files.dropped', { drop }, { signal });
    if (done.files === undefined) throw notTaken('it did not arrive whole');
    return done.files;
  } catch (error) {
    void client.call('files.forgetDrop', { drop }).catch(() => undefined);
    throw error;
  }
}

async function send(address: string, piece: Blob, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: piece,
    credentials: 'same-origin',
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return undefined;
  });
  if (response === undefined) return 'the connection broke off, or a file changed meanwhile';
  if (response.ok) return 'taken';
  return response.status === 507 ? 'its disk is full' : `it answered ${response.status}`;
}

/** Several files as one long row of bytes, cut into pieces without being read. */
class Pieces {
  readonly total: number;
  readonly #files: readonly File[];

  constructor(files: readonly File[]) {
    this.#files = files;
    this.total = files.reduce((sum, { size }) => sum + size, 0);
  }

  at(offset: number): Blob {
    const parts: Blob[] = [];
    let start = 0;
    let room = DROP_PIECE_SIZE;
    for (const file of this.#files) {
      const end = start + file.size;
      if (end > offset && room > 0) {
        const from = Math.max(0, offset - start);
        const part = file.slice(from, from + room);
        parts.push(part);
        room -= part.size;
      }
      start = end;
    }
    return new Blob(parts);
  }
}

function notTaken(why: string): TallymanError {
  return new TallymanError({
    code: 'UNREACHABLE',
    message: `The files could not be handed to Tallyman: ${why}.`,
    hint: 'Try again; the command line reads files where they are.',
  });
}
