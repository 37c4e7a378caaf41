import { readAll } from '../content/verify-content.ts';
import { fileSource, readRange } from './byte-source.ts';
import type { FileInfo, FileSystem } from './file-system.ts';

export interface WholeFile {
  readonly bytes: Uint8Array;
  readonly info: FileInfo;
}

/**
 * All bytes of a small file that Tallyman keeps beside the content.
 * @param what - how it is called in the error about its size.
 * @throws TallymanError LIMIT above the limit; otherwise the error of the system call.
 */
export async function readWholeFile(
  fileSystem: FileSystem,
  file: string,
  limit: number,
  what: string,
): Promise<WholeFile> {
  const handle = await fileSystem.open(file, 'read');
  try {
    const info = await handle.info();
    const content = readRange(fileSource(handle, info.size), 0, info.size, new AbortController().signal);
    return { bytes: await readAll(content, limit, what), info };
  } finally {
    await handle.close();
  }
}
