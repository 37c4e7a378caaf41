import { trimEndOf } from '../../../shared/display/trim-end-of.ts';
import { collapsePath } from '../files/safe-path.ts';
import { TAR_ENTRY_LIMIT } from '../../layout/limits.ts';
import { TAR_BLOCK_SIZE } from '../../layout/tar-header.ts';
import { decompress } from '../tar/decompress.ts';
import { readTarStream, type StreamedTarEntry } from '../tar/read-tar-stream.ts';
import { TAR_END_BLOCKS, tarPadding, writeTarHeader } from '../tar/write-tar-header.ts';
import { MergedTree, type MergeNote } from './merged-tree.ts';

/** A layer that can be read more than once. */
export interface ReadableLayer {
  /** For error texts. */
  readonly name: string;
  /** Bytes as it is stored. */
  readonly size: number;
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * The file system of an image as one tar: layers applied from below, whiteouts obeyed, nothing twice. Each layer is read twice, first
 * its names, then the content that is left. Headers go through as they are (owners, times, extended attributes, devices); only names
 * that begin with `/`, and hard links whose file is gone from where it was, are written anew.
 * @param onNotes - told what was left out, before the first byte.
 * @throws TallymanError MALFORMED for a layer that is no tar, LIMIT, UNSUPPORTED for zstd where this Node cannot read it.
 */
export async function* rootfsTar(
  layers: readonly ReadableLayer[],
  {
    signal,
    onNotes,
  }: { readonly signal: AbortSignal; readonly onNotes: (notes: readonly MergeNote[]) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  const tree = new MergedTree();
  for (const layer of layers) {
    tree.beginLayer();
    let index = 0;
    for await (const entry of entriesOf(layer, signal)) tree.add(entry, index++);
    tree.endLayer();
  }
  onNotes(tree.notes);
  const names = tree.names();
  for (const [number, layer] of layers.entries()) {
    const wanted = names.get(number);
    if (wanted === undefined) continue;
    let index = 0;
    for await (const entry of entriesOf(layer, signal)) {
      const paths = wanted.get(index++);
      if (paths !== undefined) yield* entryAs(entry, paths);
    }
  }
  yield TAR_END_BLOCKS;
}

function entriesOf(layer: ReadableLayer, signal: AbortSignal): AsyncIterable<StreamedTarEntry> {
  const { name, size } = layer;
  const tar = decompress(layer.open(signal), { what: name, packedSize: size, signal });
  return readTarStream(tar, { what: name, entryLimit: TAR_ENTRY_LIMIT, signal });
}

/** An entry under its first name, with its content, and its other names as hard links to that. */
async function* entryAs(
  entry: StreamedTarEntry,
  paths: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const own = collapsePath(entry.path);
  const first = paths.find((path) => path === own) ?? paths[0] ?? own;
  const keepsHeaders = first === own && !entry.path.startsWith('/');
  yield keepsHeaders ? entry.headers : renamed(entry, first);
  yield* entry.content();
  yield tarPadding(entry.size);
  for (const path of paths) {
    if (path === first) continue;
    yield writeTarHeader({ ...fieldsOf(entry), path, type: 'hard-link', size: 0, linkPath: first });
  }
}

function renamed(entry: StreamedTarEntry, path: string): Uint8Array {
  const { type, size, linkPath } = entry;
  // These have fields that are only in their own header: they keep it with the old name where that cannot be written anew.
  if (type === 'device' || type === 'sparse-file' || type === 'other') return entry.headers;
  return writeTarHeader({
    ...fieldsOf(entry),
    path: type === 'folder' ? `${path}/` : path,
    type,
    size,
    ...(type === 'symbolic-link' ? { linkPath } : {}),
  });
}

function fieldsOf({ mode, modified = 0, headers }: StreamedTarEntry): {
  readonly mode: number;
  readonly modified: number;
  readonly owner: number;
  readonly group: number;
} {
  const block = headers.subarray(headers.byteLength - TAR_BLOCK_SIZE);
  const number = (at: number): number => {
    const field = Buffer.from(block.subarray(at, at + 8)).toString('latin1');
    const digits = trimEndOf(field, ' \0').trim();
    return /^[0-7]{1,7}$/.test(digits) ? Number.parseInt(digits, 8) : 0;
  };
  return { mode: mode & 0o7777, modified, owner: number(108), group: number(116) };
}
