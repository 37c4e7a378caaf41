import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { publishFile, writeSynced } from '../../layout/durable-write.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';

/**
 * Replaces a small file so that a crash leaves the old one or the new one, never half of one (bar, 3.2). Only the person can read it
 * (0600). Makes the folder; one that is a link is followed.
 */
export async function writeFileDurably(file: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${path.basename(file)}.${randomUUID()}.tmp`);
  await writeSynced(nodeFileSystem, temporary, Buffer.from(text), 0o600);
  try {
    await publishFile(nodeFileSystem, temporary, file);
  } catch (error) {
    await nodeFileSystem.removeFile(temporary).catch(() => undefined);
    throw error;
  }
}
