import { constants } from 'node:fs';
import { copyFile, mkdir, open, rm, unlink } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { Target } from '../../content/target.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import type { CarriedItem, TransferReport } from '../../content/transfer-report.ts';
import { fileError } from '../../layout/file-error.ts';
import type { SafePath } from '../files/safe-path.ts';
import { LARGE_TRANSFER_CONCURRENCY, SMALL_TRANSFER_CONCURRENCY, SMALL_TRANSFER_LIMIT } from '../limits.ts';
import { readFrom } from '../push/hash-file.ts';
import { fetchIntoFile, fetchSmall } from './fetch-content.ts';
import type { PullItem, PullPlan } from './plan-pull.ts';
import { PullFolder, type ExistingFile } from './pull-folder.ts';
import { unpackFolder, type UnpackNote } from './unpack-folder.ts';

export interface ExecutePullOptions {
  readonly existing: ExistingFile;
  readonly signal: AbortSignal;
  /** Told bytes that are there so far, of `plan.totalBytes`. */
  readonly onProgress?: (bytes: number) => void;
  readonly report?: TransferReport;
}

/** What became of one item of the plan. */
export interface PulledItem {
  readonly digest: Digest;
  /** Where it is, below the folder; as planned when it is not there. */
  readonly name: SafePath;
  readonly title?: string;
  /** `present`: a file of that name had the content already. `kept`: another file of that name stayed. */
  readonly outcome: 'written' | 'present' | 'kept' | 'failed';
  readonly size: number;
  readonly error?: ErrorData;
  /** Of an unpacked folder: how many files it has, and what became of entries that are not simply there. */
  readonly files?: number;
  readonly notes?: readonly UnpackNote[];
}

export interface PullOutcome {
  /** In the order of the plan. */
  readonly items: readonly PulledItem[];
  /** Bytes that were fetched. */
  readonly fetched: number;
}

/**
 * Fetches what a plan names into a folder: many small and few large at once. What is only about one item (missing, wrong, refused by
 * its name's place) fails that item; the others go on. What would fail them all ends the pull.
 * @throws TallymanError UNAUTHORIZED, UNREACHABLE, UNREADABLE for a full disk, …; CANCELLED. Unfinished large files stay to be continued.
 */
export async function executePull(
  plan: PullPlan,
  target: Target,
  folder: string,
  { existing, signal, onProgress, report }: ExecutePullOptions,
): Promise<PullOutcome> {
  const into = await PullFolder.open(folder, existing);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const small = createTaskPool(SMALL_TRANSFER_CONCURRENCY, either);
  const large = createTaskPool(LARGE_TRANSFER_CONCURRENCY, either);
  const results = new Map<PullItem, PulledItem>();
  let total = 0;
  let fetched = 0;
  let fatal: { readonly error: unknown } | undefined;

  const settle = (item: PullItem, result: PulledItem): void => {
    results.set(item, result);
    report?.onItem?.(endOf(item, result));
  };

  const work = async (items: readonly PullItem[]): Promise<void> => {
    let ofThese = 0;
    const content = new SharedContent(target, into, items, {
      signal: either,
      onProgress: (bytes) => {
        total += bytes - ofThese;
        ofThese = bytes;
        onProgress?.(total);
        for (const item of items)
          if (!results.has(item)) report?.onItem?.({ ...startOf(item), state: 'running', done: bytes });
      },
      onPartial: (digest) => report?.onResumable?.(digest, digest),
    });
    try {
      for (const item of items) {
        try {
          settle(item, await pullItem(item, content, into, either));
        } catch (error) {
          if (isCancellation(error)) throw error;
          settle(item, { ...resultOf(item, 'failed'), error: toErrorData(error) });
          if (!isFatal(error)) continue;
          fatal ??= { error };
          stop.abort();
          return;
        }
      }
    } finally {
      await content.close(either.aborted);
    }
    fetched += content.fetched;
    total += (items[0]?.descriptor.size ?? 0) - ofThese;
    onProgress?.(total);
  };

  for (const item of plan.items) report?.onItem?.(startOf(item));
  try {
    await Promise.allSettled(
      [...groupByContent(plan.items)].map((items) => {
        const isSmall = (items[0]?.descriptor.size ?? 0) <= SMALL_TRANSFER_LIMIT;
        return (isSmall ? small : large)
          .run(() => work(items))
          .catch((error: unknown) => {
            if (isCancellation(error)) return;
            fatal ??= { error };
            stop.abort();
          });
      }),
    );
  } finally {
    await into.close();
  }
  signal.throwIfAborted();
  if (fatal !== undefined) throw fatal.error;
  return { items: plan.items.map((item) => results.get(item) ?? resultOf(item, 'failed')), fetched };
}

/** Every later item would end in the same way. */
function isFatal(error: unknown): boolean {
  if (!(error instanceof TallymanError)) return true;
  switch (error.code) {
    case 'UNAUTHORIZED':
    case 'DENIED':
    case 'UNREACHABLE':
    case 'TLS':
    case 'RATE_LIMITED':
      return true;
    case 'UNREADABLE':
      return ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(String(error.details?.['errno']));
    default:
      return false;
  }
}

function* groupByContent(items: readonly PullItem[]): Generator<readonly PullItem[]> {
  const groups = new Map<Digest, PullItem[]>();
  for (const item of items) {
    const group = groups.get(item.descriptor.digest);
    if (group === undefined) groups.set(item.descriptor.digest, [item]);
    else group.push(item);
  }
  yield* groups.values();
}

async function pullItem(
  item: PullItem,
  content: SharedContent,
  into: PullFolder,
  signal: AbortSignal,
): Promise<PulledItem> {
  const { name, unpack, descriptor } = item;
  if (unpack !== undefined) return pullFolder(item, unpack, content, into, signal);
  const found = await into.look(name, descriptor, signal);
  if (found !== 'needed') return resultOf(item, found);
  const small = await content.small();
  if (small !== undefined) {
    const { outcome, name: real } = await into.writeSmall(small, name);
    return { ...resultOf(item, outcome), name: real };
  }
  const temporary = await content.asFile();
  try {
    const { outcome, name: real } = await into.publish(temporary, name);
    return { ...resultOf(item, outcome), name: real };
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function pullFolder(
  item: PullItem,
  { prefix, contentDigest }: Required<PullItem>['unpack'],
  content: SharedContent,
  into: PullFolder,
  signal: AbortSignal,
): Promise<PulledItem> {
  const { name, descriptor } = item;
  if (await into.hasOther(name)) return resultOf(item, 'kept');
  const temporary = await into.temporaryPath();
  await mkdir(temporary);
  try {
    const { files, notes } = await unpackFolder(await content.bytes(), {
      prefix,
      into: temporary,
      contentDigest,
      packedSize: descriptor.size,
      signal,
    });
    const published = await into.publishFolder(temporary, name);
    const kept = published.filter(({ outcome }) => outcome === 'kept');
    return {
      ...resultOf(item, kept.length > 0 && kept.length === published.length ? 'kept' : 'written'),
      files,
      notes: [
        ...notes,
        ...kept.map((each) => ({
          path: each.name,
          kind: 'left-out' as const,
          text: 'a file of that name was there and stayed',
        })),
      ],
    };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

interface ContentOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
  /** A file was begun that is continued later when this is stopped; see `forgetPartials`. */
  readonly onPartial: (digest: Digest) => void;
}

/** The content of one digest, fetched once when it is first needed, however many items have it. */
class SharedContent {
  /** Bytes that were fetched. */
  fetched = 0;
  readonly #target: Target;
  readonly #into: PullFolder;
  readonly #items: readonly PullItem[];
  readonly #options: ContentOptions;
  #memory: Uint8Array | undefined;
  #partial: string | undefined;
  #filesGiven = 0;

  constructor(target: Target, into: PullFolder, items: readonly PullItem[], options: ContentOptions) {
    this.#target = target;
    this.#into = into;
    this.#items = items;
    this.#options = options;
  }

  /** A file with the content, which the caller moves away. */
  async asFile(): Promise<string> {
    await this.#fetch();
    try {
      return await this.#giveFile();
    } catch (error) {
      throw fileError(error, `Writing ${quoteText(this.#items[0]?.name ?? '')}`);
    }
  }

  async #giveFile(): Promise<string> {
    this.#filesGiven += 1;
    const partial = this.#partial ?? '';
    // The last one gets the file itself.
    if (this.#filesGiven === this.#items.length) {
      this.#partial = undefined;
      return partial;
    }
    const place = await this.#into.temporaryPath();
    await copyFile(partial, place, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return place;
  }

  /** The content in memory, if it is small. */
  async small(): Promise<Uint8Array | undefined> {
    if ((this.#items[0]?.descriptor.size ?? 0) > SMALL_TRANSFER_LIMIT) return undefined;
    await this.#fetch();
    return this.#memory;
  }

  /** The content as a stream. */
  async bytes(): Promise<AsyncIterable<Uint8Array>> {
    await this.#fetch();
    if (this.#memory !== undefined) return inOnePiece(this.#memory);
    return fileBytes(this.#partial ?? '', this.#options.signal);
  }

  /** @param keep - whether a partial file stays to be continued. */
  async close(keep: boolean): Promise<void> {
    const partial = this.#partial;
    if (partial !== undefined && !keep) await unlink(partial).catch(() => undefined);
  }

  async #fetch(): Promise<void> {
    const [item] = this.#items;
    if (item === undefined || this.#memory !== undefined || this.#partial !== undefined) return;
    const { descriptor } = item;
    if (descriptor.size <= SMALL_TRANSFER_LIMIT) {
      this.#memory = await fetchSmall(this.#target, descriptor, this.#options);
      this.fetched = descriptor.size;
      return;
    }
    const partial = await this.#into.partialPath(descriptor);
    this.#options.onPartial(descriptor.digest);
    this.fetched = await fetchIntoFile(this.#target, descriptor, partial, this.#options);
    this.#partial = partial;
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

async function* fileBytes(place: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(place, 'r');
  try {
    yield* readFrom(file, 0, signal);
  } finally {
    await file.close();
  }
}

function resultOf(item: PullItem, outcome: PulledItem['outcome']): PulledItem {
  const { descriptor, name, title } = item;
  return {
    digest: descriptor.digest,
    name,
    ...(title === undefined ? {} : { title }),
    outcome,
    size: descriptor.size,
  };
}

function startOf({ name, title, descriptor }: PullItem): CarriedItem {
  const { digest, size } = descriptor;
  return { id: name, name: title ?? name, digest, state: 'waiting', done: 0, size };
}

const STATES = { written: 'done', present: 'present', kept: 'kept', failed: 'failed' } as const;

function endOf(item: PullItem, { outcome, error }: PulledItem): CarriedItem {
  const isThere = outcome === 'written' || outcome === 'present';
  return {
    ...startOf(item),
    state: STATES[outcome],
    done: isThere ? item.descriptor.size : 0,
    ...(error === undefined ? {} : { error }),
  };
}
