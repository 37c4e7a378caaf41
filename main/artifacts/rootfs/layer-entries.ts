import { collapsePath } from '../files/safe-path.ts';
import type { StreamedTarEntry } from '../tar/read-tar-stream.ts';

/** What one entry of a layer does to what lies below (image-spec layer.md, Applying Changesets). */
export type LayerEntry =
  | { readonly does: 'hide'; readonly parts: readonly string[] }
  | { readonly does: 'hide-content'; readonly parts: readonly string[] }
  | { readonly does: 'add'; readonly parts: readonly string[] }
  | { readonly does: 'nothing'; readonly why?: string };

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Other names with this beginning are notes that aufs made for itself. */
const NOTE = '.wh..wh.';

/** Reads the path of an entry: a whiteout, an opaque marker, or something that is there. */
export function readLayerEntry(entry: Pick<StreamedTarEntry, 'path' | 'type'>): LayerEntry {
  const parts = layerPath(entry.path);
  if (parts === undefined) return { does: 'nothing', why: 'its path leads out of the file system' };
  const name = parts.at(-1);
  if (name === undefined) return { does: 'nothing' };
  const parent = parts.slice(0, -1);
  if (name === OPAQUE) return { does: 'hide-content', parts: parent };
  if (name.startsWith(NOTE)) return { does: 'nothing' };
  if (name.startsWith(WHITEOUT)) {
    const hidden = name.slice(WHITEOUT.length);
    if (hidden === '' || hidden === '.' || hidden === '..')
      return { does: 'nothing', why: 'it is a whiteout of nothing' };
    return { does: 'hide', parts: [...parent, hidden] };
  }
  if (entry.type === 'other') return { does: 'nothing', why: 'it is of no kind that a file system has' };
  return { does: 'add', parts };
}

/** Parts of a path below the root; undefined when it leads upwards. Leading slashes and `./` say nothing in a layer. */
export function layerPath(path: string): readonly string[] | undefined {
  const parts = collapsePath(path)
    .split('/')
    .filter((part) => part !== '');
  return parts.includes('..') || path.includes('\0') ? undefined : parts;
}
