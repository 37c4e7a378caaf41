import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { quoteText } from '../../../shared/display/display-text.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { fileError } from '../../layout/file-error.ts';
import { openTemporaryFile, writeFully } from '../files/temporary-file.ts';
import { FILE_CHUNK_SIZE } from '../limits.ts';
import { TAR_END_BLOCKS, tarPadding, writeTarHeader } from '../tar/write-tar-header.ts';
import { changed, readFrom } from './hash-file.ts';
import { listFolder, type FolderEntry } from './list-folder.ts';

/** A folder as a tar.gz in a temporary file, until `close`. */
export interface PackedFolder {
  readonly digest: Digest;
  readonly size: number;
  /** Of the tar inside the compression: what `io.deis.oras.content.digest` says. */
  readonly contentDigest: Digest;
  readonly source: BlobSource;
  close(): Promise<void>;
}

const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
/** Byte of a gzip header that names the operating system, and its value for "unknown", as Go writes it. */
const GZIP_SYSTEM_AT = 9;
const GZIP_UNKNOWN_SYSTEM = 0xff;

/**
 * Packs a folder as `oras push` does: the tar is byte for byte that of oras-go with `TarReproducible` (ustar or pax by Go's rules,
 * paths below `title`, sorted, owner 0, permissions kept, links as links), so equal folders give equal content digests on both
 * sides. Times are 1970, where oras' command line keeps those of the files; the deflate stream is that of this program's zlib, so the
 * digest of the blob differs from oras'.
 * @throws TallymanError UNREADABLE that names the file, CONFLICT for one that changes meanwhile, UNSUPPORTED, LIMIT.
 */
export async function packFolder(
  folder: string,
  title: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<PackedFolder> {
  const temporary = await openTemporaryFile();
  try {
    const content = createHash('sha256');
    const packed = createHash('sha256');
    let size = 0;
    await pipeline(
      Readable.from(hashed(tarOfFolder(folder, title, signal), content), { objectMode: false }),
      createGzip({ chunkSize: FILE_CHUNK_SIZE }),
      async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) {
          if (size <= GZIP_SYSTEM_AT && size + chunk.byteLength > GZIP_SYSTEM_AT)
            chunk[GZIP_SYSTEM_AT - size] = GZIP_UNKNOWN_SYSTEM;
          packed.update(chunk);
          await writeFully(temporary.file, chunk, size);
          size += chunk.byteLength;
        }
      },
      { signal },
    );
    return {
      digest: `sha256:${packed.digest('hex')}` as Digest,
      size,
      contentDigest: `sha256:${content.digest('hex')}` as Digest,
      source: { open: (offset, options) => readFrom(temporary.file, offset, options.signal) },
      close: () => temporary.close(),
    };
  } catch (error) {
    await temporary.close();
    throw fileError(error, `Packing ${quoteText(folder)}`);
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* tarOfFolder(
  folder: string,
  title: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of listFolder(folder, signal)) {
    const size = entry.type === 'file' ? Number(entry.stats.size) : 0;
    yield writeTarHeader({
      path: entry.path === '' ? title : `${title}/${entry.path}`,
      type: entry.type,
      mode: entry.mode,
      size,
      modified: 0,
      ...(entry.linkPath === undefined ? {} : { linkPath: entry.linkPath }),
    });
    if (entry.type !== 'file') continue;
    yield* contentOf(entry, signal);
    yield tarPadding(size);
  }
  yield TAR_END_BLOCKS;
}

/** The bytes of a file, exactly as many as its header says. */
async function* contentOf(
  { location, stats }: FolderEntry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const file = await open(location, constants.O_RDONLY | NO_FOLLOW);
    try {
      let read = 0n;
      for await (const chunk of readFrom(file, 0, signal)) {
        read += BigInt(chunk.byteLength);
        if (read > stats.size) throw changed(location);
        yield chunk;
      }
      const after = await file.stat({ bigint: true });
      if (read !== stats.size || after.ino !== stats.ino || after.mtimeNs !== stats.mtimeNs)
        throw changed(location);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, `Reading ${quoteText(location)}`);
  }
}
