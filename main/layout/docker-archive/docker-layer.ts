import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import { errnoOf } from '../file-error.ts';
import { ARCHIVE_RATIO_FROM, ARCHIVE_RATIO_LIMIT, ARCHIVE_UNPACKED_LIMIT } from '../limits.ts';
import type { ArchivedPart, DockerFiles } from './docker-files.ts';

/** How a layer lies in the archive; `docker load` takes all of them. */
type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const MAGIC: readonly { readonly compression: Compression; readonly bytes: readonly number[] }[] = [
  { compression: 'gzip', bytes: [0x1f, 0x8b, 0x08] },
  { compression: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { compression: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { compression: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
];

/**
 * The descriptor of a layer of which the config says `diffId`, the digest of its uncompressed tar.
 *
 * A layer that is not compressed is not read: its digest is that diffId, held against the bytes by whoever reads them, as
 * the digests of every layout are. A compressed one is read whole: its own digest is nowhere in the archive, and with gzip
 * what it unpacks to is held against the diffId. That of zstd cannot be computed on every supported system.
 * @throws TallymanError DIGEST_MISMATCH, MALFORMED (damaged gzip), LIMIT, UNSUPPORTED (xz, bzip2: no media type says so).
 */
export async function describeLayer(
  files: DockerFiles,
  path: string,
  diffId: Digest,
  signal: AbortSignal,
): Promise<Descriptor> {
  const part = files.find(path);
  verifiableAlgorithm(diffId);
  switch (await compressionOf(files, part, signal)) {
    case 'none':
      return { mediaType: MEDIA_TYPES.layerTar, digest: diffId, size: part.size };
    case 'gzip': {
      const { digest, unpacked } = await hashPacked(files, path, part, diffId, signal);
      if (unpacked !== diffId) throw otherContent(path, diffId, unpacked);
      return { mediaType: MEDIA_TYPES.layerTarGzip, digest, size: part.size };
    }
    case 'zstd': {
      const digest = await hashPart(files, part, signal);
      return { mediaType: MEDIA_TYPES.layerTarZstd, digest, size: part.size };
    }
    case 'xz':
    case 'bzip2':
      throw new TallymanError({
        code: 'UNSUPPORTED',
        message: `The layer ${quoteText(path)} is compressed in a way that no OCI media type stands for.`,
        hint: 'Load the archive with docker and save it again.',
      });
  }
}

/** The digest of the content of a part. */
export async function hashPart(files: DockerFiles, part: ArchivedPart, signal: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of files.stream(part, signal)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}` as Digest;
}

async function compressionOf(
  files: DockerFiles,
  part: ArchivedPart,
  signal: AbortSignal,
): Promise<Compression> {
  for await (const start of files.stream({ ...part, size: Math.min(part.size, 6) }, signal)) {
    const known = MAGIC.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte));
    return known?.compression ?? 'none';
  }
  return 'none';
}

/** One pass that computes the digest of the packed bytes and of what they unpack to; keeps neither. */
async function hashPacked(
  files: DockerFiles,
  path: string,
  part: ArchivedPart,
  diffId: Digest,
  signal: AbortSignal,
): Promise<{ readonly digest: Digest; readonly unpacked: Digest }> {
  const algorithm = verifiableAlgorithm(diffId);
  const packedHash = createHash('sha256');
  const unpackedHash = createHash(algorithm);
  const packed = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of files.stream(part, signal)) {
      packedHash.update(chunk);
      yield chunk;
    }
  };
  const gunzip = createGunzip();
  const feeding = pipeline(Readable.from(packed(), { objectMode: false }), gunzip, { signal });
  feeding.catch(() => undefined); // whatever stops it, the loop stops at as well
  let size = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      checkUnpacked(size, part.size, path);
      unpackedHash.update(chunk);
    }
    await feeding;
  } catch (error) {
    if (errnoOf(error)?.startsWith('Z_') !== true) throw error;
    throw new TallymanError(
      {
        code: 'MALFORMED',
        message: `The layer ${quoteText(path)} is damaged: its gzip compression does not hold together.`,
        hint: 'Save the image again.',
      },
      { cause: error },
    );
  }
  return {
    digest: `sha256:${packedHash.digest('hex')}` as Digest,
    unpacked: `${algorithm}:${unpackedHash.digest('hex')}` as Digest,
  };
}

function checkUnpacked(unpacked: number, packed: number, path: string): void {
  const tooMuch = unpacked > ARCHIVE_UNPACKED_LIMIT;
  if (!tooMuch && (unpacked <= ARCHIVE_RATIO_FROM || unpacked / packed <= ARCHIVE_RATIO_LIMIT)) return;
  throw new TallymanError({
    code: 'LIMIT',
    message: tooMuch
      ? `The layer ${quoteText(path)} unpacks to more than ${ARCHIVE_UNPACKED_LIMIT} bytes.`
      : `The layer ${quoteText(path)} unpacks to more than ${ARCHIVE_RATIO_LIMIT} times its size: it may be made to fill the disk.`,
    hint: 'If you trust it, load the archive with docker and save it again.',
    details: { limit: tooMuch ? ARCHIVE_UNPACKED_LIMIT : ARCHIVE_RATIO_LIMIT },
  });
}

function otherContent(path: string, diffId: Digest, unpacked: Digest): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The layer ${quoteText(path)} unpacks to ${unpacked}; the config of its image says ${diffId}.`,
    hint: 'The archive was damaged or changed. Do not use it; get it from where it was made again.',
    details: { expected: diffId, actual: unpacked },
  });
}
