import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The files of the window by their path below the origin; what is not in it does not exist. */
export type AssetMap = ReadonlyMap<string, { readonly file: string; readonly type: string }>;

/**
 * Reads the list that the build wrote, so that no request ever becomes a path by joining (reliability bar, F2).
 *
 * @param dist - folder with `assets.json` and `renderer/`
 */
export async function readAssetMap(dist: string): Promise<AssetMap> {
  const list: unknown = JSON.parse(await readFile(path.join(dist, 'assets.json'), 'utf8'));
  // Read before the first paint: no schema library is loaded for it.
  if (!isAssetList(list)) throw new Error('assets.json is not the list that the build writes.');
  return new Map(
    Object.entries(list).map(([place, { file, type }]) => [
      place,
      { file: path.join(dist, 'renderer', file), type },
    ]),
  );
}

const MEDIA_TYPE = /^[a-z]+\/[a-z0-9.+-]+(?:; charset=utf-8)?$/;

function isAssetList(
  list: unknown,
): list is Readonly<Record<string, { readonly file: string; readonly type: string }>> {
  if (typeof list !== 'object' || list === null) return false;
  return Object.entries(list as Readonly<Record<string, unknown>>).every(([place, asset]) => {
    if (!place.startsWith('/') || typeof asset !== 'object' || asset === null) return false;
    const { file, type } = asset as Readonly<Record<string, unknown>>;
    return typeof file === 'string' && typeof type === 'string' && MEDIA_TYPE.test(type);
  });
}
