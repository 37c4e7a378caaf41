import { createReadStream } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** Unpacks a tar (or tar.gz) of this repository's own corpus as it is, symbolic links too. Not for archives of others. */
export async function unpackTar(file: string, folder: string): Promise<void> {
  const entries = extract();
  const packed = createReadStream(file);
  (file.endsWith('.gz') ? packed.pipe(createGunzip()) : packed).pipe(entries);
  for await (const entry of entries) {
    const { name, type, linkname } = entry.header;
    const target = path.join(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (type === 'directory') await mkdir(target, { recursive: true });
    else if (type === 'symlink') await symlink(linkname, target);
    else await writeFile(target, Buffer.concat(chunks));
  }
}
