import { TallymanError, type ErrorCode } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { BlobSource, WriteBlobOptions } from '../content/target-writer.ts';
import { inBatches } from './in-batches.ts';
import { WRITE_BATCH_SIZE } from './limits.ts';
import type { PartialIngest, PartialIngests } from './partial-ingest.ts';

/** The bytes themselves are wrong: what is stored of them is of no use. */
const WRONG_CONTENT: ReadonlySet<ErrorCode> = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);

/**
 * Stores one large blob from a source that can be read again from any place. What an earlier run stored of the same digest is gone
 * on with; when this one is stopped, or its source fails, what came stays for the next.
 */
export class IngestFromSource {
  readonly #partials: PartialIngests;
  readonly #descriptor: Descriptor;
  readonly #source: BlobSource;
  readonly #options: WriteBlobOptions;
  #sent = 0;

  constructor(
    partials: PartialIngests,
    descriptor: Descriptor,
    source: BlobSource,
    options: WriteBlobOptions,
  ) {
    this.#partials = partials;
    this.#descriptor = descriptor;
    this.#source = source;
    this.#options = options;
  }

  /** Answers how many bytes were read from the source. */
  async run(): Promise<number> {
    const earlier = await this.#takeUp();
    if (earlier !== undefined) {
      try {
        await this.#store(earlier);
        return this.#sent;
      } catch (error) {
        if (!isWrongContent(error)) throw error; // else the earlier bytes may be to blame: once more from the first
      }
    }
    await this.#store(await this.#begin());
    return this.#sent;
  }

  #begin(): Promise<PartialIngest> {
    const { digest, size } = this.#descriptor;
    return this.#partials.start({ digest, size }, { lasting: 'first-checkpoint' });
  }

  async #takeUp(): Promise<PartialIngest | undefined> {
    const { digest, size } = this.#descriptor;
    const found = (await this.#partials.list())
      .filter((state) => state.digest === digest && state.size === size)
      .sort((left, right) => right.offset - left.offset);
    for (const { id } of found) {
      try {
        return await this.#partials.resume(id, this.#options.signal);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!(error instanceof TallymanError)) throw error; // somebody else has it, or it is damaged: another one, or from the start
      }
    }
    return undefined;
  }

  async #store(ingest: PartialIngest): Promise<void> {
    const { signal, onProgress, onResumable } = this.#options;
    let usable = true;
    let writing = Promise.resolve();
    const write = async (batch: readonly Uint8Array[]): Promise<void> => {
      usable = false;
      await ingest.write(batch);
      usable = true;
      this.#sent += batch.reduce((sum, { byteLength }) => sum + byteLength, 0);
      onProgress?.(ingest.size);
    };
    try {
      onResumable?.(ingest.id);
      onProgress?.(ingest.size);
      for await (const batch of inBatches(this.#source.open(ingest.size, { signal }), WRITE_BATCH_SIZE)) {
        await writing;
        signal.throwIfAborted();
        writing = write(batch); // while the next one comes
        writing.catch(() => undefined); // it is awaited in the next turn, or at the end
      }
      await writing;
      usable = false;
      await ingest.commit();
    } catch (error) {
      await writing.catch(() => undefined);
      const worthKeeping = usable && ingest.size > 0 && !isWrongContent(error);
      const end = worthKeeping ? ingest.suspend().catch(() => ingest.abort()) : ingest.abort();
      await end.catch(() => undefined); // cleared away later
      throw error;
    }
  }
}

function isWrongContent(error: unknown): boolean {
  return error instanceof TallymanError && WRONG_CONTENT.has(error.code);
}
