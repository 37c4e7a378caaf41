import { isCancellation, TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';
import { isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { decodeInlineData } from '../../shared/oci/inline-data.ts';
import type { CopiedBlob } from './copied-content.ts';
import { failureOf } from './copy-failure.ts';
import { COPY_BLOB_LIMIT, COPY_LARGE_BLOBS, COPY_SMALL_BLOB_BYTES, COPY_SMALL_BLOBS } from './limits.ts';
import type { BlobSource, MountSource, TargetWriter, WriteBlobOptions } from './target-writer.ts';
import type { Target } from './target.ts';
import type { TaskGroup } from './task-group.ts';
import { createTaskPool, type TaskPool } from './task-pool.ts';
import type { CarriedItem, TransferReport } from './transfer-report.ts';
import { verifyBytes } from './verify-content.ts';

export interface BlobTransfersOptions {
  readonly from: Target;
  readonly writer: TargetWriter;
  readonly group: TaskGroup;
  readonly report: TransferReport;
  /** Whether the destination seems to have much of it: each blob is asked for then before it is sent. */
  readonly seemsThere: () => Promise<boolean>;
  /** The blob is at the destination, or need not be. */
  readonly onDone: (digest: Digest) => void;
  readonly onAbsent: (blob: CopiedBlob) => void;
}

/** Brings blobs to the destination, each once: it has them, takes them from a neighbour, or they are sent as a stream. */
export class BlobTransfers {
  readonly sent = { blobs: 0, bytes: 0 };
  readonly mounted = { blobs: 0, bytes: 0 };
  readonly skipped = { blobs: 0, bytes: 0 };
  readonly #options: BlobTransfersOptions;
  readonly #sizes = new Map<Digest, number>();
  readonly #small: TaskPool;
  readonly #large: TaskPool;
  readonly #neighbour: MountSource | undefined;

  constructor(options: BlobTransfersOptions) {
    this.#options = options;
    const { group, from, writer } = options;
    this.#small = createTaskPool(COPY_SMALL_BLOBS, group.signal);
    this.#large = createTaskPool(COPY_LARGE_BLOBS, group.signal);
    this.#neighbour = mountableFrom(from, writer);
  }

  /**
   * Begins to bring a blob, if nobody asked for it before.
   * @throws TallymanError SIZE_MISMATCH for a second size of one digest, LIMIT.
   */
  need(blob: CopiedBlob): void {
    const { digest, size } = blob.descriptor;
    const known = this.#sizes.get(digest);
    if (known === size) return;
    if (known !== undefined) throw twoSizes(digest, known, size);
    if (this.#sizes.size >= COPY_BLOB_LIMIT) throw tooMany();
    this.#sizes.set(digest, size);
    this.#tell(blob, { state: 'waiting', done: 0 });
    const pool = size > COPY_SMALL_BLOB_BYTES ? this.#large : this.#small;
    this.#options.group.spawn(async () => {
      await pool.run(() => this.#bring(blob));
      this.#options.onDone(digest);
    });
  }

  async #bring(blob: CopiedBlob): Promise<void> {
    const { size } = blob.descriptor;
    try {
      const outcome = (await this.#find(blob)) ?? (await this.#write(blob));
      const amount = outcome === 'present' ? this.skipped : outcome === 'mounted' ? this.mounted : this.sent;
      amount.blobs += 1;
      if (outcome !== 'done') amount.bytes += size; // of what was sent the bytes are counted already
      this.#tell(blob, { state: outcome, done: size });
    } catch (error) {
      if (isCancellation(error)) throw error;
      const data = toErrorData(error);
      if (blob.mayBeAbsent && data.code === 'MISSING') {
        this.#tell(blob, { state: 'present', done: size });
        this.#options.onAbsent(blob);
        return;
      }
      this.#tell(blob, { state: 'failed', done: 0, error: data });
      throw failureOf(
        error,
        `Copying ${blob.name} (${blob.descriptor.digest}) to ${this.#options.writer.target.label}`,
      );
    }
  }

  /** Undefined where it has to be written. */
  async #find({ descriptor }: CopiedBlob): Promise<'present' | 'mounted' | undefined> {
    const { writer, group, seemsThere } = this.#options;
    const { signal } = group;
    const mayMount = this.#neighbour !== undefined && writer.mountBlob !== undefined;
    if ((mayMount || (await seemsThere())) && (await writer.hasBlob(descriptor, { signal })))
      return 'present';
    if (this.#neighbour === undefined || writer.mountBlob === undefined) return undefined;
    return (await writer.mountBlob(descriptor, this.#neighbour, { signal })) ? 'mounted' : undefined;
  }

  async #write(blob: CopiedBlob): Promise<'present' | 'done'> {
    const { writer, from, group, report } = this.#options;
    const { descriptor } = blob;
    const { digest } = descriptor;
    const resume = report.resumeOf?.(digest);
    const { onResumable } = report;
    const options: WriteBlobOptions = {
      signal: group.signal,
      onProgress: (done) => this.#tell(blob, { state: 'running', done }),
      ...(resume === undefined ? {} : { resume }),
      ...(onResumable === undefined ? {} : { onResumable: (state) => onResumable(digest, state) }),
    };
    const source = knownSource(blob) ?? sourceIn(from, blob);
    const { outcome, sent } = await writer.writeBlob(descriptor, source, options);
    this.sent.bytes += sent;
    return outcome === 'present' ? 'present' : 'done';
  }

  #tell({ name, descriptor }: CopiedBlob, now: Pick<CarriedItem, 'state' | 'done' | 'error'>): void {
    const { digest, size } = descriptor;
    this.#options.report.onItem?.({ id: digest, name, digest, size, ...now });
  }
}

/** Where blobs can be mounted from: another repository of the place that is written to. */
export function mountableFrom(from: Target, writer: TargetWriter): MountSource | undefined {
  const [source, own] = [from.mountSource, writer.target.mountSource];
  if (source === undefined || own === undefined || writer.mountBlob === undefined) return undefined;
  return source.place === own.place && source.repository !== own.repository ? source : undefined;
}

function sourceIn(from: Target, { descriptor }: CopiedBlob): BlobSource {
  return {
    // Whoever stores the bytes checks them: once is enough.
    open: (offset, { signal }) =>
      from.readBlob(descriptor, { signal, ...(offset === 0 ? { unchecked: true } : { offset }) }),
  };
}

/** The bytes that the descriptor carries in `data`, or those of the empty object, right to the last bit: nothing is fetched. */
function knownSource({ descriptor }: CopiedBlob): BlobSource | undefined {
  const isEmptyObject = descriptor.digest === EMPTY_DESCRIPTOR.digest;
  const bytes = decodeInlineData(isEmptyObject ? EMPTY_DESCRIPTOR : descriptor);
  if (bytes === undefined || !isVerifiable(descriptor.digest)) return undefined;
  try {
    verifyBytes(bytes, descriptor);
  } catch {
    return undefined;
  }
  return {
    async *open(offset) {
      if (offset < bytes.byteLength) yield await Promise.resolve(bytes.subarray(offset));
    },
  };
}

function twoSizes(digest: Digest, first: number, second: number): TallymanError {
  return new TallymanError({
    code: 'SIZE_MISMATCH',
    message: `${digest} is named with ${first} and with ${second} bytes.`,
    hint: 'Whatever names it with a wrong size was changed or badly made: do not trust it.',
    details: { digest, expected: first, actual: second },
  });
}

function tooMany(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The graph has more than ${COPY_BLOB_LIMIT} blobs.`,
    hint: 'Copy a part of it: one platform, or without referrers.',
    details: { limit: COPY_BLOB_LIMIT },
  });
}
