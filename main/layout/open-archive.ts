import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { indexArchive } from './archive-index.ts';
import { archiveStorage } from './archive-storage.ts';
import { fileSource, type ByteSource } from './byte-source.ts';
import { fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import type { LayoutStorage } from './layout-storage.ts';
import { checksumHolds, isZeroBlock, TAR_BLOCK_SIZE } from './tar-header.ts';
import { unpackGzip } from './unpack-gzip.ts';

const GZIP = [0x1f, 0x8b];

/** Compressions that are told apart to say so; none of them can be read on every supported system. */
const OTHER_COMPRESSIONS: readonly {
  readonly name: string;
  readonly magic: readonly number[];
  readonly tool: string;
}[] = [
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstd -d' },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], tool: 'unxz' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], tool: 'bunzip2' },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], tool: 'unzip' },
];

/**
 * Opens the layout in an archive file and keeps the file open until `close`.
 * @param file - absolute path, without links.
 * @throws TallymanError NOT_A_LAYOUT, MALFORMED, LIMIT, UNREADABLE.
 */
export async function openArchive(
  fileSystem: FileSystem,
  file: string,
  place: string,
  signal: AbortSignal,
): Promise<LayoutStorage> {
  const opening = `Opening ${place}`;
  const handle = await fileSystem.open(file, 'read').catch((error: unknown) => {
    throw fileError(error, opening);
  });
  let close = (): Promise<void> => handle.close();
  try {
    let source = fileSource(handle, (await handle.info()).size);
    const start = await source.readAt(0, TAR_BLOCK_SIZE);
    if (beginsWith(start, GZIP)) {
      const unpacked = await unpackGzip(fileSystem, source, place, signal);
      await handle.close();
      source = unpacked.source;
      close = () => unpacked.close();
    }
    await checkTar(source, start, place);
    return archiveStorage(place, source, await indexArchive(source, place, signal), close);
  } catch (error) {
    await close();
    throw fileError(error, opening);
  }
}

async function checkTar(source: ByteSource, packedStart: Uint8Array, place: string): Promise<void> {
  const start = await source.readAt(0, TAR_BLOCK_SIZE);
  if (start.byteLength === TAR_BLOCK_SIZE && (isZeroBlock(start) || checksumHolds(start))) return;
  const other = OTHER_COMPRESSIONS.find(({ magic }) => beginsWith(packedStart, magic));
  const what =
    source.size === 0
      ? 'the file is empty'
      : other === undefined
        ? 'it is no tar archive'
        : `it is compressed with ${other.name}`;
  throw new TallymanError({
    code: 'NOT_A_LAYOUT',
    message: `${place} holds no OCI image layout that can be read: ${what}.`,
    hint:
      other === undefined
        ? 'Open a layout folder, or a tar of one (plain or gzip).'
        : `Unpack it first (${other.tool}), then open the result.`,
  });
}

function beginsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
