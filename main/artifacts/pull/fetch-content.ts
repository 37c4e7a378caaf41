import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, unlink, type FileHandle } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { decodeInlineData } from '../../../shared/oci/inline-data.ts';
import type { Target } from '../../content/target.ts';
import { verifiableAlgorithm, verifyBytes } from '../../content/verify-content.ts';
import { fileError } from '../../layout/file-error.ts';
import { FileAppender } from '../files/file-appender.ts';
import { readFrom } from '../push/hash-file.ts';

const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Told how many bytes are there; less than before when it begins again. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Small content in memory, verified.
 * @throws TallymanError what the place answers, DIGEST_MISMATCH, SIZE_MISMATCH.
 */
export async function fetchSmall(
  target: Target,
  descriptor: Descriptor,
  { signal, onProgress }: FetchOptions,
): Promise<Uint8Array> {
  const inline = inlineContent(descriptor);
  if (inline !== undefined) return inline;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of target.readBlob(descriptor, { signal })) {
    chunks.push(chunk);
    size += chunk.byteLength;
    signal.throwIfAborted();
    onProgress(size);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

/** The content that a descriptor carries itself, when it is right to the last bit. */
function inlineContent(descriptor: Descriptor): Uint8Array | undefined {
  const data = decodeInlineData(descriptor);
  if (data === undefined) return undefined;
  try {
    verifyBytes(data, descriptor);
    return data;
  } catch {
    return undefined;
  }
}

/**
 * Content in a file at `path`, whole and verified when this returns. A file that is there from an earlier attempt is read and
 * continued (by `Range`, where the place is a registry); it stays when this one is stopped. When the two parts do not make the content,
 * it is fetched once more from the beginning.
 * @returns bytes that were fetched by this call.
 * @throws TallymanError as `fetchSmall`, UNREADABLE when the disk refuses.
 */
export async function fetchIntoFile(
  target: Target,
  descriptor: Descriptor,
  path: string,
  options: FetchOptions,
): Promise<number> {
  const what = `Writing ${quoteText(path)}`;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o666);
    try {
      const about = await file.stat();
      if (!about.isFile()) throw Object.assign(new Error('no file'), { code: 'EISDIR' });
      const there = about.size <= descriptor.size ? about.size : 0;
      if (there > 0 && (await continueFrom(file, there, target, descriptor, options)))
        return descriptor.size - there;
      await file.truncate(0);
      options.onProgress(0);
      // The place verifies a whole read: hashing here as well would only cost time.
      await append(file, 0, target.readBlob(descriptor, { signal: options.signal }), options);
      return descriptor.size;
    } finally {
      await file.close();
    }
  } catch (error) {
    // What is wrong must not be continued; what was only stopped may be.
    const isWrong =
      error instanceof TallymanError && (error.code === 'DIGEST_MISMATCH' || error.code === 'SIZE_MISMATCH');
    const isEmpty = (await lstat(path).catch(() => undefined))?.size === 0;
    if (isWrong || isEmpty) await unlink(path).catch(() => undefined);
    throw fileError(error, what);
  }
}

/** True when the file is whole and right. */
async function continueFrom(
  file: FileHandle,
  there: number,
  target: Target,
  descriptor: Descriptor,
  options: FetchOptions,
): Promise<boolean> {
  const algorithm = verifiableAlgorithm(descriptor.digest);
  const hash = createHash(algorithm);
  for await (const chunk of readFrom(file, 0, options.signal)) hash.update(chunk);
  options.onProgress(there);
  if (there < descriptor.size) {
    const rest = target.readBlob(descriptor, { signal: options.signal, offset: there });
    await append(file, there, hashed(rest, hash), options);
  }
  return `${algorithm}:${hash.digest('hex')}` === descriptor.digest;
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function append(
  file: FileHandle,
  position: number,
  chunks: AsyncIterable<Uint8Array>,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  const appender = new FileAppender(file, position);
  try {
    for await (const chunk of chunks) {
      await appender.add(chunk);
      signal.throwIfAborted();
      onProgress(appender.position);
    }
  } finally {
    await appender.flush(); // also when it is stopped: what came can be continued
  }
}
