import { createHash, type Hash } from 'node:crypto';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';

/** Bytes that are handed to the network at once, so that a slow line shows that it moves. */
const PIECE_BYTES = 256 * 1024;

/**
 * Reads a blob once from beginning to end, whatever the requests are that carry its parts: the source is opened again only
 * where a part has to be sent again. The digest is computed on the way, unless the source checks itself, and the last piece is handed
 * out when it is right.
 */
export interface BlobFeed {
  /** The bytes from `start` up to `end`. Ending one early, or beginning another one, is allowed at any time. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** What the source did wrong; what the network said about that request means nothing then. */
  readonly fault: { readonly error: unknown } | undefined;
  /** Bytes that were handed out, those that were handed out again included. */
  readonly handedOut: number;
  /** Closes the source. */
  close(): Promise<void>;
}

interface OpenSource {
  readonly iterator: AsyncIterator<Uint8Array>;
  position: number;
  /** What came beyond the last piece. */
  rest: Uint8Array;
}

const NOTHING = new Uint8Array();

/**
 * Opens nothing yet.
 * @param onPosition - told the place in the blob after each piece was taken.
 * @throws TallymanError UNSUPPORTED for a digest that cannot be computed.
 */
export function createBlobFeed(
  descriptor: Descriptor,
  source: BlobSource,
  signal: AbortSignal,
  onPosition: (position: number) => void = () => undefined,
): BlobFeed {
  const { digest, size } = descriptor;
  const algorithm = verifiableAlgorithm(digest);
  let hash: Hash | undefined = source.checksItself === true ? undefined : createHash(algorithm);
  let hashed = 0;
  let handedOut = 0;
  let current: OpenSource | undefined;
  let fault: { readonly error: unknown } | undefined;

  const end = async (open: OpenSource): Promise<void> => {
    if (current === open) current = undefined;
    // What a source says when it is closed does not matter any more.
    await open.iterator.return?.().catch(() => undefined);
  };

  const openAt = async (start: number): Promise<OpenSource> => {
    if (current?.position === start) return current;
    if (current !== undefined) await end(current);
    const iterator = source.open(start, { signal })[Symbol.asyncIterator]();
    current = { iterator, position: start, rest: NOTHING };
    return current;
  };

  const pull = async (open: OpenSource): Promise<boolean> => {
    while (open.rest.byteLength === 0) {
      const next = await open.iterator.next();
      if (next.done === true) return false;
      open.rest = next.value;
    }
    return true;
  };

  const take = async (open: OpenSource, most: number): Promise<Uint8Array> => {
    if (!(await pull(open))) throw wrongSize(descriptor, open.position);
    const piece = open.rest.subarray(0, Math.min(most, PIECE_BYTES));
    open.rest = open.rest.subarray(piece.byteLength);
    return piece;
  };

  const learn = (piece: Uint8Array, start: number): void => {
    // After a resume the bytes before were never seen here: the registry alone compares the digest then.
    if (start > hashed) hash = undefined;
    const fresh = piece.subarray(Math.max(0, hashed - start));
    hash?.update(fresh);
    hashed = Math.max(hashed, start + piece.byteLength);
  };

  const checkEnd = async (open: OpenSource): Promise<void> => {
    if (await pull(open)) throw wrongSize(descriptor, size + open.rest.byteLength);
    if (hash === undefined) return;
    const actual = `${algorithm}:${hash.digest('hex')}`;
    hash = undefined;
    if (actual !== digest) throw wrongDigest(descriptor, actual);
  };

  async function* read(start: number, stop: number): AsyncGenerator<Uint8Array, void, undefined> {
    let open: OpenSource | undefined;
    let position = start;
    try {
      open = await openAt(start);
      if (size === 0) await checkEnd(open);
      while (position < stop) {
        const piece = await take(open, stop - position);
        // Another read has begun meanwhile: nobody waits for these bytes.
        if (current !== open) return;
        learn(piece, position);
        position += piece.byteLength;
        if (position === size) await checkEnd(open);
        open.position = position;
        handedOut += piece.byteLength;
        yield piece;
        onPosition(position);
      }
      open = undefined;
    } catch (error) {
      if (open === undefined || current === open) fault ??= { error };
      throw error;
    } finally {
      if (open !== undefined) await end(open);
    }
  }

  return {
    read,
    get fault() {
      return fault;
    },
    get handedOut() {
      return handedOut;
    },
    async close() {
      if (current !== undefined) await end(current);
    },
  };
}

function wrongSize({ digest, size }: Descriptor, actual: number): TallymanError {
  return new TallymanError({
    code: 'SIZE_MISMATCH',
    message: `${digest} should have ${size} bytes; ${actual < size ? `only ${actual}` : 'more'} came while it was sent.`,
    hint: CHANGED,
    details: { digest, expected: size, actual },
  });
}

function wrongDigest({ digest }: Descriptor, actual: string): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The bytes that were to be sent as ${digest} have the digest ${actual}.`,
    hint: CHANGED,
    details: { expected: digest, actual },
  });
}

const CHANGED =
  'The content changed while it was being sent, or was described wrongly. Nothing was stored; try again.';
