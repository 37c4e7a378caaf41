import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { publishFile, writeSynced } from '../layout/durable-write.ts';
import { nodeFileSystem } from '../layout/node-file-system.ts';
import { holdLock } from './journal-lock.ts';
import {
  applyRecord,
  JOURNAL_HEADER,
  parseHeader,
  parseRecord,
  recordsOf,
  type JournalJob,
  type JournalRecord,
} from './journal-records.ts';
import { JOURNAL_COMPACT_SIZE, JOURNAL_SIZE_LIMIT } from './limits.ts';

const JOURNAL_NAME = 'journal.jsonl';
const LOCK_NAME = 'lock';

/**
 * The jobs on the disk: a file to which one line is added at each change, so that a crash at any moment costs no job that was
 * confirmed. One process at a time has it. It holds paths and names, and nothing secret; only its owner can read it.
 */
export interface TransferJournal {
  /** As the run before left them. */
  readonly found: readonly JournalJob[];
  /** What the person should know: the file was damaged. */
  readonly warning?: string;
  /** Bytes of what is not out of date. */
  readonly liveSize: number;
  /**
   * Adds records.
   * @param durable - whether they are surely on the disk when this returns; else the next durable one takes them along.
   * @throws TallymanError UNREADABLE when the file system refuses; then none of them is there.
   */
  append(records: readonly JournalRecord[], durable: boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal of a folder, which is made when it is missing.
 * @throws TallymanError CONFLICT when another process has it, LAYOUT_VERSION when a newer Tallyman wrote it, UNREADABLE.
 */
export async function openJournal(folder: string): Promise<TransferJournal> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unreadable(folder, error);
  }
  const release = await holdLock(path.join(folder, LOCK_NAME));
  try {
    return await openLocked(path.join(folder, JOURNAL_NAME), release);
  } catch (error) {
    await release();
    throw error;
  }
}

interface ReadJournal {
  readonly jobs: Map<string, JournalJob>;
  readonly size: number;
  /** Whether it ends in a whole line and holds nothing else than lines of a journal. */
  readonly whole: boolean;
  readonly warning?: string;
}

async function openLocked(file: string, release: () => Promise<void>): Promise<TransferJournal> {
  const read = await readJournal(file);
  const { jobs } = read;
  let { size } = read;
  let handle: FileHandle | undefined;
  let liveSize = 0;
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  /** Writes what is live into a new file, which takes the place of the old one in one step. */
  const writeAnew = async (): Promise<FileHandle> => {
    const text = [JOURNAL_HEADER, ...[...jobs.values()].flatMap(recordsOf)].map(lineOf).join('');
    const bytes = Buffer.from(text);
    const temporary = `${file}.${randomUUID()}.tmp`;
    await writeSynced(nodeFileSystem, temporary, bytes, 0o600);
    try {
      // Windows replaces no file that is open.
      const old = handle;
      handle = undefined;
      await old?.close();
      await publishFile(nodeFileSystem, temporary, file);
    } catch (error) {
      await nodeFileSystem.removeFile(temporary).catch(() => undefined);
      throw error;
    }
    const fresh = await open(file, 'a', 0o600);
    handle = fresh;
    liveSize = size = bytes.byteLength;
    return fresh;
  };

  const write = async (records: readonly JournalRecord[], durable: boolean): Promise<void> => {
    const bytes = Buffer.from(records.map(lineOf).join(''));
    // After a failed write nobody knows how the file ends.
    const current = handle ?? (await writeAnew());
    try {
      await writeFully(current, bytes);
      if (durable) await current.datasync();
    } catch (error) {
      await current.truncate(size).catch(() => undefined);
      await current.close().catch(() => undefined);
      handle = undefined;
      throw error;
    }
    size += bytes.byteLength;
    for (const record of records) applyRecord(jobs, record);
    // The records are there, whether this works or not; when not, the next one tries it again.
    if (size > 2 * liveSize + JOURNAL_COMPACT_SIZE) await writeAnew().catch(() => undefined);
  };

  try {
    if (!read.whole || size > JOURNAL_COMPACT_SIZE) await writeAnew();
    else {
      handle = await open(file, 'a', 0o600);
      liveSize = size;
    }
  } catch (error) {
    throw unreadable(file, error);
  }

  return {
    found: [...jobs.values()],
    ...(read.warning === undefined ? {} : { warning: read.warning }),
    get liveSize() {
      return liveSize;
    },
    append(records, durable) {
      if (closed) return Promise.resolve(); // what ends after the end is told by the next start
      const written = last.then(() => write(records, durable));
      last = written.catch(() => undefined);
      return written.catch((error: unknown) => {
        throw unreadable(file, error);
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      await last;
      await handle?.close();
      await release();
    },
  };
}

async function readJournal(file: string): Promise<ReadJournal> {
  const jobs = new Map<string, JournalJob>();
  let text: string;
  try {
    if ((await stat(file)).size > JOURNAL_SIZE_LIMIT) return await setAside(file, 'too large');
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { jobs, size: 0, whole: false };
    throw unreadable(file, error);
  }
  const lines = text.split('\n');
  const tail = lines.pop();
  const header = parseHeader(lines[0] ?? tail ?? '');
  if (header === 'newer') {
    throw new TallymanError({
      code: 'LAYOUT_VERSION',
      message: `The list of transfers ${file} was written by a newer Tallyman.`,
      hint: 'Use that version; this one leaves the list alone.',
    });
  }
  if (header === 'other') {
    // A crash can leave an empty file, or one of zeros; anything else is somebody's.
    return /^\0*$/.test(text) ? { jobs, size: 0, whole: false } : await setAside(file, 'damaged');
  }
  let whole = tail === '';
  for (const line of lines.slice(1)) {
    const record = parseRecord(line);
    if (record === undefined) whole = false;
    else applyRecord(jobs, record);
  }
  return { jobs, size: Buffer.byteLength(text), whole };
}

/** Nothing of a file that is no journal is lost: it gets another name. */
async function setAside(file: string, what: string): Promise<ReadJournal> {
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    throw unreadable(file, error);
  }
  const warning = `The list of transfers was ${what}. It is kept as ${aside}; a new one was begun.`;
  return { jobs: new Map(), size: 0, whole: false, warning };
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, from);
    if (bytesWritten === 0) throw Object.assign(new Error('nothing could be written'), { code: 'EIO' });
    from += bytesWritten;
  }
}

function lineOf(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

function unreadable(file: string, error: unknown): TallymanError {
  if (error instanceof TallymanError) return error;
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new TallymanError(
    {
      code: 'UNREADABLE',
      message: `The list of transfers ${file} cannot be used (${code}).`,
      hint: 'Check the rights and the free space of that folder; TALLYMAN_DATA names another one.',
      details: { errno: code },
    },
    { cause: error },
  );
}
