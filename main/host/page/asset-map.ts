import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const assetsSchema = z.record(
  z.string().startsWith('/'),
  z.object({ file: z.string(), type: z.string().regex(/^[a-z]+\/[a-z0-9.+-]+(?:; charset=utf-8)?$/) }),
);

/** The files of the window by their path below the origin; what is not in it does not exist. */
export type AssetMap = ReadonlyMap<string, { readonly file: string; readonly type: string }>;

/**
 * Reads the list that the build wrote, so that no request ever becomes a path by joining (reliability bar, F2).
 *
 * @param dist - folder with `assets.json` and `renderer/`
 */
export async function readAssetMap(dist: string): Promise<AssetMap> {
  const assets = assetsSchema.parse(JSON.parse(await readFile(path.join(dist, 'assets.json'), 'utf8')));
  return new Map(
    Object.entries(assets).map(([place, { file, type }]) => [
      place,
      { file: path.join(dist, 'renderer', file), type },
    ]),
  );
}
