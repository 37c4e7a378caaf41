import { createCipheriv, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const MIB = 1024 * 1024;

/** So many files of the same size. */
export interface ContentShape {
  readonly name: string;
  readonly count: number;
  /** Bytes of each. */
  readonly size: number;
}

/** One large blob, some of the size of layers, and many small ones. */
export const CONTENT_SHAPES: readonly ContentShape[] = [
  singleFile(1),
  { name: '64 × 16 MiB', count: 64, size: 16 * MIB },
  { name: '2,000 × 4 kB', count: 2_000, size: 4_096 },
];

/** One file of so many GiB. */
export function singleFile(gibibytes: number): ContentShape {
  return { name: `${gibibytes} GiB`, count: 1, size: gibibytes * 1024 * MIB };
}

/** Makes the files of a shape in a new folder; nothing in them can be compressed. Answers their names. */
export async function makeContent(folder: string, { count, size }: ContentShape): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `file-${index}.bin`);
  for (const name of names) await pipeline(noise(size), createWriteStream(path.join(folder, name)));
  return names;
}

/** Bytes that look random and cost little: a stream cipher over zeros. */
export function noise(size: number): Readable {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  function* blocks(): Generator<Buffer> {
    for (let left = size; left > 0; left -= MIB) yield cipher.update(Buffer.alloc(Math.min(MIB, left)));
  }
  return Readable.from(blocks(), { objectMode: false });
}
