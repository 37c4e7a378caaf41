import type { OpenFile } from './file-system.ts';

/**
 * Writes all bytes. A single write may take only a part (on a full disk it does, without an error), so it is asked again
 * until everything is written or the system call fails.
 */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const count = await file.write(bytes, written, bytes.byteLength - written, position + written);
    if (count === 0) throw Object.assign(new Error('a write took no bytes'), { code: 'ENOSPC' });
    written += count;
  }
}
