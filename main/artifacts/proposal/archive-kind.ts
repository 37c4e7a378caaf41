import type { FileHandle } from 'node:fs/promises';
import { isCancellation, TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { checksumHolds, TAR_BLOCK_SIZE } from '../../layout/tar-header.ts';
import { readTarEntries } from '../../layout/tar-entries.ts';
import { PROPOSAL_ENTRY_LIMIT, PROPOSAL_UNPACKED_LIMIT } from '../limits.ts';
import { readFrom } from '../push/hash-file.ts';
import { decompress } from '../tar/decompress.ts';
import { readTarStream } from '../tar/read-tar-stream.ts';

/** What an archive holds, as far as its names say. */
export type ArchiveKind = 'oci-layout' | 'docker-archive' | 'chart' | undefined;

/** Looks at the names in a tar, compressed or not. Whatever is wrong with it, it is then nothing known. */
export async function archiveKind(
  file: FileHandle,
  size: number,
  head: Uint8Array,
  signal: AbortSignal,
): Promise<ArchiveKind> {
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isTar = head.byteLength >= TAR_BLOCK_SIZE && checksumHolds(head.subarray(0, TAR_BLOCK_SIZE));
  if (!isGzip && !isTar) return undefined;
  const names = new Set<string>();
  try {
    for await (const name of isTar ? namesOfTar(file, size, signal) : namesOfGzip(file, size, signal)) {
      names.add(name.replace(/^(?:\.\/)+/, ''));
      if (names.has('oci-layout')) return 'oci-layout';
      if (/^[^/]+\/Chart\.yaml$/.test(name)) return 'chart';
      if (names.size > PROPOSAL_ENTRY_LIMIT) break;
    }
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TallymanError)) throw error;
  }
  if (
    names.has('manifest.json') ||
    (names.has('repositories') && [...names].some((name) => name.endsWith('/layer.tar')))
  )
    return 'docker-archive';
  return undefined;
}

async function* namesOfTar(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const source = {
    size,
    async readAt(position: number, length: number) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
      return buffer.subarray(0, bytesRead);
    },
  };
  for await (const { path } of readTarEntries(source, signal)) yield path;
}

async function* namesOfGzip(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const options = { what: 'the archive', packedSize: size, signal };
  const unpacked = firstBytes(decompress(readFrom(file, 0, signal), options), PROPOSAL_UNPACKED_LIMIT);
  const reading = { what: 'the archive', entryLimit: PROPOSAL_ENTRY_LIMIT, signal };
  for await (const { path } of readTarStream(unpacked, reading)) yield path;
}

async function* firstBytes(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of chunks) {
    yield chunk;
    size += chunk.byteLength;
    if (size > limit) return;
  }
}
