import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { TAR_ENTRY_LIMIT } from '../../layout/limits.ts';
import type { StreamedTarEntry } from '../tar/read-tar-stream.ts';
import { layerPath, readLayerEntry } from './layer-entries.ts';

/** Where an entry lies: the layer from below, and its number in that layer. */
export interface EntryPlace {
  readonly layer: number;
  readonly index: number;
}

/** What is left out of the merged file system. */
export interface MergeNote {
  readonly path: string;
  readonly text: string;
}

/** What was seen of an entry. */
interface SeenEntry {
  readonly index: number;
  readonly path: string;
  readonly parts: readonly string[];
  readonly type: StreamedTarEntry['type'];
  readonly linkPath: string;
}

interface TreeNode {
  readonly children: Map<string, TreeNode>;
  /** Absent for folders that no layer lists. */
  entry?: { readonly place: EntryPlace; readonly kind: 'folder' | 'link' | 'other' };
}

/** Notes that are kept. */
const NOTE_LIMIT = 1_000;

/**
 * The file system that layers make when they are applied one after the other: only names and where their content lies, so that memory
 * follows the number of files. Whiteouts hide what lower layers have, wherever in their layer they stand.
 */
export class MergedTree {
  readonly notes: MergeNote[] = [];
  readonly #root: TreeNode = { children: new Map() };
  #layer = -1;
  #count = 0;
  #seen: SeenEntry[] = [];
  #hidden: { readonly parts: readonly string[]; readonly contentOnly: boolean }[] = [];

  /** Begins the next layer above. */
  beginLayer(): void {
    this.#layer += 1;
    this.#seen = [];
    this.#hidden = [];
  }

  /** Takes note of an entry; `index` counts the entries of the layer. */
  add(entry: StreamedTarEntry, index: number): void {
    const read = readLayerEntry(entry);
    switch (read.does) {
      case 'nothing':
        if (read.why !== undefined) this.#note(entry.path, read.why);
        return;
      case 'hide':
      case 'hide-content':
        this.#hidden.push({ parts: read.parts, contentOnly: read.does === 'hide-content' });
        return;
      case 'add':
        this.#count += 1;
        if (this.#count > TAR_ENTRY_LIMIT) throw tooMany();
        this.#seen.push({
          index,
          path: entry.path,
          parts: read.parts,
          type: entry.type,
          linkPath: entry.linkPath,
        });
    }
  }

  /** Applies the layer: first what it hides, then what it has. */
  endLayer(): void {
    for (const { parts, contentOnly } of this.#hidden) {
      if (contentOnly) this.#find(parts)?.children.clear();
      else this.#find(parts.slice(0, -1))?.children.delete(parts.at(-1) ?? '');
    }
    for (const seen of this.#seen) this.#put(seen);
  }

  /** Every name by the place of its entry; several names of one file are hard links to each other. */
  names(): ReadonlyMap<number, ReadonlyMap<number, readonly string[]>> {
    const layers = new Map<number, Map<number, string[]>>();
    const waiting: { readonly node: TreeNode; readonly path: string }[] = [{ node: this.#root, path: '' }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, path } = next;
      if (node.entry !== undefined) {
        const { layer, index } = node.entry.place;
        const entries = layers.get(layer) ?? new Map<number, string[]>();
        layers.set(layer, entries);
        const names = entries.get(index);
        if (names === undefined) entries.set(index, [path]);
        else names.push(path);
      }
      for (const [name, child] of node.children)
        waiting.push({ node: child, path: path === '' ? name : `${path}/${name}` });
    }
    for (const entries of layers.values()) for (const names of entries.values()) names.sort();
    return layers;
  }

  #put({ index, path, parts, type, linkPath }: SeenEntry): void {
    let place: EntryPlace = { layer: this.#layer, index };
    if (type === 'hard-link') {
      const target = layerPath(linkPath);
      const named = target === undefined ? undefined : this.#find(target)?.entry;
      if (named === undefined || named.kind === 'folder') {
        this.#note(path, 'it is a hard link to something that is not there');
        return;
      }
      place = named.place;
    }
    const parent = this.#folder(parts.slice(0, -1));
    const name = parts.at(-1) ?? '';
    const before = parent.children.get(name);
    const isFolder = type === 'folder';
    const staysFolder =
      isFolder && before !== undefined && (before.entry === undefined || before.entry.kind === 'folder');
    const node: TreeNode = staysFolder ? before : { children: new Map() };
    node.entry = { place, kind: isFolder ? 'folder' : type === 'symbolic-link' ? 'link' : 'other' };
    parent.children.set(name, node);
  }

  /** The folder at a path. What was there as a file is replaced; a link to a folder stays, with what is listed below it. */
  #folder(parts: readonly string[]): TreeNode {
    let node = this.#root;
    for (const part of parts) {
      const next: TreeNode = node.children.get(part) ?? { children: new Map() };
      if (next.entry?.kind === 'other') delete next.entry;
      node.children.set(part, next);
      node = next;
    }
    return node;
  }

  #find(parts: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root;
    for (const part of parts) node = node?.children.get(part);
    return node;
  }

  #note(path: string, text: string): void {
    if (this.notes.length < NOTE_LIMIT) this.notes.push({ path, text });
  }
}

function tooMany(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The layers of the image have more than ${TAR_ENTRY_LIMIT} entries.`,
    hint: 'Export the image as it is, and unpack it with a tool that you trust.',
    details: { limit: TAR_ENTRY_LIMIT },
  });
}
