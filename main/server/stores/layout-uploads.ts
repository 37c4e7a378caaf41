import { randomUUID } from 'node:crypto';
import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest, VerifiableAlgorithm } from '../../../shared/oci/digest.ts';
import { readAll, verifyBytes } from '../../content/verify-content.ts';
import { inBatches } from '../../layout/in-batches.ts';
import { WRITE_BATCH_SIZE } from '../../layout/limits.ts';
import type { PartialIngest, PartialIngests } from '../../layout/partial-ingest.ts';
import {
  OPEN_UPLOAD_LIMIT,
  SETTLE_TIME,
  UPLOAD_IDLE_TIME,
  UPLOAD_LIMIT,
  WHOLE_BODY_LIMIT,
} from '../limits.ts';
import { letGoOf } from '../let-go-of.ts';
import { Refusal } from '../refusal.ts';
import type { Upload, UploadPart } from '../served-registry.ts';

/** Where the blobs of uploads go. */
export interface UploadedBlobs {
  /** Stores bytes that were checked, and notes that the repository holds them. */
  store(repository: string, digest: Digest, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Notes that the repository holds content that is stored. */
  hold(repository: string, digest: Digest): Promise<void>;
}

export interface LayoutUploadsOptions {
  readonly partials: PartialIngests;
  readonly blobs: UploadedBlobs;
}

/**
 * The uploads of a layout. One without any bytes is nothing but its name, and is forgotten with the program. Bytes go into a
 * partial ingest (or, when all of a small blob comes at once, straight into the store): it is closed while nobody sends, and
 * found again by whoever serves the layout then.
 */
export class LayoutUploads {
  readonly #options: LayoutUploadsOptions;
  readonly #uploads = new Map<string, LayoutUpload>();
  readonly #closing = new AbortController();

  constructor(options: LayoutUploadsOptions) {
    this.#options = options;
  }

  begin(repository: string, algorithm: VerifiableAlgorithm | undefined): Upload {
    this.#makeRoom();
    return this.#add({ id: randomUUID(), repository, algorithm, stored: 0 });
  }

  async find(repository: string, id: string): Promise<Upload | undefined> {
    const known = this.#uploads.get(id);
    if (known !== undefined) return known.repository === repository ? known : undefined;
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    const found = (await this.#options.partials.list()).find((state) => state.id === id);
    if (found?.origin !== originOf(repository)) return undefined;
    const other = this.#uploads.get(id); // somebody else asked for it meanwhile
    if (other !== undefined) return other.repository === repository ? other : undefined;
    return this.#add({ id, repository, algorithm: found.algorithm, stored: found.offset });
  }

  /** Stops taking bytes; those that came are kept, to be resumed by whoever serves the layout next. */
  async suspendAll(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.all([...this.#uploads.values()].map((upload) => upload.suspend()));
    this.#uploads.clear();
  }

  #add(begun: BegunUpload): LayoutUpload {
    const upload = new LayoutUpload(begun, {
      ...this.#options,
      closing: this.#closing.signal,
      makeRoomForFile: () => this.#makeRoomForFile(),
      forget: () => {
        if (this.#uploads.get(begun.id) === upload) this.#uploads.delete(begun.id);
      },
    });
    this.#uploads.set(begun.id, upload);
    return upload;
  }

  #makeRoom(): void {
    if (this.#uploads.size < UPLOAD_LIMIT) return;
    const idle = [...this.#uploads.values()].filter((upload) => !upload.busy && !upload.isOpen);
    const [oldest] = idle.sort((left, right) => left.lastUsed - right.lastUsed);
    if (oldest === undefined)
      throw new Refusal(
        429,
        'TOOMANYREQUESTS',
        `${UPLOAD_LIMIT} uploads are running; wait for some of them.`,
        {
          headers: { 'Retry-After': '5' },
        },
      );
    this.#uploads.delete(oldest.id);
  }

  async #makeRoomForFile(): Promise<void> {
    const open = [...this.#uploads.values()].filter((upload) => upload.isOpen);
    if (open.length < OPEN_UPLOAD_LIMIT) return;
    const [idle] = open
      .filter((upload) => !upload.busy)
      .sort((left, right) => left.lastUsed - right.lastUsed);
    if (idle === undefined)
      throw new Refusal(
        429,
        'TOOMANYREQUESTS',
        `${OPEN_UPLOAD_LIMIT} uploads are being sent; wait for some of them.`,
        {
          headers: { 'Retry-After': '5' },
        },
      );
    await idle.suspend();
  }
}

interface BegunUpload {
  readonly id: string;
  readonly repository: string;
  readonly algorithm: VerifiableAlgorithm | undefined;
  /** Bytes that are stored in a partial ingest of this name. */
  readonly stored: number;
}

interface UploadContext extends LayoutUploadsOptions {
  readonly closing: AbortSignal;
  readonly makeRoomForFile: () => Promise<void>;
  readonly forget: () => void;
}

class LayoutUpload implements Upload {
  readonly id: string;
  readonly repository: string;
  lastUsed = Date.now();
  readonly #algorithm: VerifiableAlgorithm | undefined;
  readonly #context: UploadContext;
  #stored: number;
  #ingest: PartialIngest | undefined;
  #turns: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #over = false;
  #idle: NodeJS.Timeout | undefined;

  constructor({ id, repository, algorithm, stored }: BegunUpload, context: UploadContext) {
    this.id = id;
    this.repository = repository;
    this.#algorithm = algorithm;
    this.#stored = stored;
    this.#context = context;
  }

  get size(): number {
    return this.#ingest?.size ?? this.#stored;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  get isOpen(): boolean {
    return this.#ingest !== undefined;
  }

  async settle(): Promise<void> {
    if (!this.busy) return;
    const timer = new AbortController();
    await Promise.race([
      this.#turns,
      setTimeout(SETTLE_TIME, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
  }

  append(part: UploadPart, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#take(part, signal));
  }

  finish(digest: Digest, part: UploadPart | undefined, signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (part !== undefined) this.#checkPlace(part);
      const { length } = part ?? { length: 0 };
      if (this.size === 0 && length !== undefined && length <= WHOLE_BODY_LIMIT) {
        const bytes =
          part === undefined
            ? new Uint8Array()
            : await readAll(part.open(this.#until(signal)), WHOLE_BODY_LIMIT);
        await this.#ending(async () => {
          verifyBytes(bytes, { digest, size: bytes.byteLength });
          await this.#context.blobs.store(this.repository, digest, bytes, signal);
        });
        return;
      }
      if (part !== undefined) await this.#take(part, signal);
      const ingest = await this.#opened(signal);
      await this.#ending(async () => {
        await ingest.commit(digest);
        this.#ingest = undefined;
        await this.#context.blobs.hold(this.repository, digest);
      });
    });
  }

  cancel(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      this.#end();
      if (this.#ingest !== undefined) await this.#ingest.abort();
      else if (this.#stored > 0) await this.#context.partials.discard(this.id, signal);
      this.#ingest = undefined;
    });
  }

  /** Closes its file, so that anybody may go on with it. */
  suspend(): Promise<void> {
    clearTimeout(this.#idle);
    return this.#alone(async () => {
      const ingest = this.#ingest;
      if (ingest === undefined) return;
      this.#ingest = undefined;
      this.#stored = ingest.size;
      if (ingest.size === 0) await ingest.abort();
      else await ingest.suspend();
    });
  }

  /** Like `alone`, for operations that a client asked for. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#alone(async () => {
      if (this.#over) throw unknownUpload();
      this.#context.closing.throwIfAborted();
      try {
        return await work();
      } finally {
        this.lastUsed = Date.now();
        clearTimeout(this.#idle);
        if (this.#ingest !== undefined) {
          this.#idle = startTimer(() => void this.suspend().catch(() => undefined), UPLOAD_IDLE_TIME);
          this.#idle.unref();
        }
      }
    });
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    const turn = this.#turns.then(work).finally(() => (this.#waiting -= 1));
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  #checkPlace({ start }: UploadPart): void {
    if (start === undefined || start === this.size) return;
    throw new Refusal(
      416,
      'BLOB_UPLOAD_INVALID',
      `The upload goes on at byte ${this.size}; these bytes begin at ${start}.`,
    );
  }

  async #take(part: UploadPart, signal: AbortSignal): Promise<void> {
    this.#checkPlace(part);
    const ingest = await this.#opened(signal);
    for await (const batch of inBatches(part.open(this.#until(signal)), WRITE_BATCH_SIZE)) {
      try {
        await ingest.write(batch);
        letGoOf(batch);
      } catch (error) {
        // Nobody knows how much of it is there.
        this.#ingest = undefined;
        this.#end();
        await ingest.abort().catch(() => undefined);
        throw error;
      }
    }
  }

  /** A client that goes away, and a server that stops. */
  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#context.closing]);
  }

  async #opened(signal: AbortSignal): Promise<PartialIngest> {
    if (this.#ingest !== undefined) return this.#ingest;
    await this.#context.makeRoomForFile();
    const { partials } = this.#context;
    if (this.#stored === 0) {
      this.#ingest = await partials.start(
        {
          origin: originOf(this.repository),
          ...(this.#algorithm === undefined ? {} : { algorithm: this.#algorithm }),
        },
        { id: this.id, lasting: 'first-checkpoint' },
      );
    } else {
      this.#ingest = await partials.resume(this.id, signal);
    }
    return this.#ingest;
  }

  /** Runs the last step; however it ends, the upload is over. */
  async #ending(work: () => Promise<void>): Promise<void> {
    this.#end();
    try {
      await work();
    } finally {
      const left = this.#ingest;
      this.#ingest = undefined;
      await left?.abort().catch(() => undefined);
    }
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#idle);
    this.#context.forget();
  }
}

function originOf(repository: string): string {
  return `upload to ${repository}`;
}

function unknownUpload(): Refusal {
  return new Refusal(
    404,
    'BLOB_UPLOAD_UNKNOWN',
    'There is no such upload, or it is over. Begin another one.',
  );
}

function closed(): TallymanError {
  return new TallymanError({
    code: 'CANCELLED',
    message: 'The server is being stopped. What came of the upload is kept.',
  });
}
