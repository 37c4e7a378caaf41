import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { errnoOf } from '../../layout/file-error.ts';
import {
  FILE_CHUNK_SIZE,
  UNPACKED_BYTES_LIMIT,
  UNPACKED_RATIO_FROM,
  UNPACKED_RATIO_LIMIT,
} from '../limits.ts';
import { BytePuller } from './byte-puller.ts';

export interface DecompressOptions {
  /** What is unpacked, for error texts. */
  readonly what: string;
  /** Bytes of the source, for the limit of the ratio. */
  readonly packedSize: number;
  readonly signal: AbortSignal;
}

/**
 * The bytes inside a gzip or zstd stream, or the stream itself when its first bytes name neither. What comes out is limited in all
 * and, from a size on, per byte that went in.
 * @throws TallymanError MALFORMED for damaged compression, LIMIT, UNSUPPORTED for zstd where this Node cannot read it.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { what, packedSize } = options;
  const input = new BytePuller(source);
  try {
    const magic = await input.take(4);
    const stream = decompressorFor(magic, what);
    const whole = joined(magic, input);
    let size = 0;
    for await (const chunk of stream === undefined ? whole : throughStream(whole, stream, options)) {
      size += chunk.byteLength;
      checkLimits(size, packedSize, what);
      yield chunk;
    }
  } finally {
    await input.close();
  }
}

/** zlib of newer Nodes; the types of the oldest one that is supported do not know it. */
interface ZlibWithZstd {
  readonly createZstdDecompress?: (options: { readonly chunkSize: number }) => Transform;
}

function decompressorFor(magic: Uint8Array, what: string): Transform | undefined {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return zlib.createGunzip({ chunkSize: FILE_CHUNK_SIZE });
  const isZstd = magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd;
  if (!isZstd) return undefined;
  const { createZstdDecompress } = zlib as ZlibWithZstd;
  if (createZstdDecompress !== undefined) return createZstdDecompress({ chunkSize: FILE_CHUNK_SIZE });
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${quoteText(what)} is compressed with zstd, which this version of Node cannot read (${process.version}).`,
    hint: 'Run Tallyman with Node 22.15 or newer, or save the content as it is.',
  });
}

async function* joined(first: Uint8Array, input: BytePuller): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.byteLength > 0) yield first;
  for (;;) {
    const next = await input.some(Number.MAX_SAFE_INTEGER);
    if (next === undefined) return;
    yield next;
  }
}

async function* throughStream(
  source: AsyncIterable<Uint8Array>,
  stream: Transform,
  { what, signal }: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = pipeline(Readable.from(source, { objectMode: false }), stream, { signal });
  feeding.catch(() => undefined); // whatever stops it, the loop stops at as well
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
    await feeding;
  } catch (error) {
    throw /^(?:Z_|ZSTD_|ERR__?Z)/.test(errnoOf(error) ?? '') ? damaged(error, what) : error;
  } finally {
    stream.destroy();
    await feeding.catch(() => undefined);
  }
}

function checkLimits(size: number, packedSize: number, what: string): void {
  const tooMuch = size > UNPACKED_BYTES_LIMIT;
  if (!tooMuch && (size <= UNPACKED_RATIO_FROM || size / packedSize <= UNPACKED_RATIO_LIMIT)) return;
  throw new TallymanError({
    code: 'LIMIT',
    message: tooMuch
      ? `${quoteText(what)} unpacks to more than ${UNPACKED_BYTES_LIMIT} bytes.`
      : `${quoteText(what)} unpacks to more than ${UNPACKED_RATIO_LIMIT} times its size: it may be made to fill the disk.`,
    hint: 'If you trust it, save it as it is and unpack it yourself.',
    details: { limit: tooMuch ? UNPACKED_BYTES_LIMIT : UNPACKED_RATIO_LIMIT },
  });
}

function damaged(error: unknown, what: string): TallymanError {
  return new TallymanError(
    {
      code: 'MALFORMED',
      message: `${quoteText(what)} is damaged: its compression does not hold together.`,
      hint: 'Its digest is right, so it was made like that: save it as it is to look at it.',
    },
    { cause: error },
  );
}
