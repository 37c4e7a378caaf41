import { open } from 'node:fs/promises';

interface AsarFolder {
  readonly files: Readonly<Record<string, AsarFolder | { readonly size: number }>>;
}

/** The paths in an asar archive: a JSON header behind four sizes of 32 bits. */
export async function listAsar(archive: string): Promise<readonly string[]> {
  const file = await open(archive);
  try {
    const sizes = Buffer.alloc(16);
    await file.read(sizes, 0, 16, 0);
    const header = Buffer.alloc(sizes.readUInt32LE(12));
    await file.read(header, 0, header.length, 16);
    return pathsIn(JSON.parse(header.toString('utf8')) as AsarFolder, '');
  } finally {
    await file.close();
  }
}

function pathsIn({ files }: AsarFolder, above: string): readonly string[] {
  return Object.entries(files).flatMap(([name, entry]) =>
    'files' in entry ? pathsIn(entry, `${above}${name}/`) : [`${above}${name}`],
  );
}
