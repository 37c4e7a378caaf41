import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileError } from '../../layout/file-error.ts';

/** A file that only this program sees, until `close`. */
export interface TemporaryFile {
  readonly file: FileHandle;
  close(): Promise<void>;
}

/**
 * A new file in a folder of its own (0700), for content that is too large for memory. It loses its name at once where the system
 * allows that, so that nothing stays behind however the program ends.
 * @throws TallymanError UNREADABLE when the disk refuses.
 */
export async function openTemporaryFile(): Promise<TemporaryFile> {
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-files-'));
    const removeNames = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      const file = await open(path.join(folder, 'content'), 'wx+', 0o600);
      await removeNames().catch(() => undefined); // systems that keep the names of open files remove them at `close`
      return {
        file,
        async close() {
          await file.close();
          await removeNames();
        },
      };
    } catch (error) {
      await removeNames();
      throw error;
    }
  } catch (error) {
    throw fileError(error, 'Making a temporary file');
  }
}

/** Writes all bytes: one call may take a part only (on a full disk it does, without an error). */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, written, bytes.byteLength - written, position + written);
    if (bytesWritten === 0) throw Object.assign(new Error('a write took no bytes'), { code: 'ENOSPC' });
    written += bytesWritten;
  }
}
