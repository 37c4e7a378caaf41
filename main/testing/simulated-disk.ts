import path from 'node:path';
import type { FileInfo, FileSystem, OpenFile, OpenMode } from '../layout/file-system.ts';

/** One thing that happened to the disk, in order: what a crash may lose until it is synced. */
export type DiskEvent =
  | {
      readonly kind: 'add';
      readonly folder: number;
      readonly name: string;
      readonly node: number;
      readonly isFolder: boolean;
    }
  | { readonly kind: 'remove'; readonly folder: number; readonly name: string }
  | {
      readonly kind: 'move';
      readonly from: number;
      readonly fromName: string;
      readonly to: number;
      readonly toName: string;
      readonly node: number;
    }
  | { readonly kind: 'write'; readonly node: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly node: number; readonly size: number }
  | { readonly kind: 'sync'; readonly node: number }
  | { readonly kind: 'sync-folder'; readonly folder: number };

interface FileNode {
  readonly inode: number;
  readonly kind: 'file';
  data: Uint8Array;
  modified: bigint;
}

interface FolderNode {
  readonly inode: number;
  readonly kind: 'folder';
  readonly entries: Map<string, SimulatedNode>;
  modified: bigint;
}

export type SimulatedNode = FileNode | FolderNode;

export const ROOT_INODE = 1;

/** A disk in memory that remembers everything that was done to it, so that a crash after any of it can be built again. */
export class SimulatedDisk implements FileSystem {
  readonly events: DiskEvent[] = [];
  readonly #root: FolderNode;
  #lastInode: number;
  #clock = BigInt(Date.now()) * 1_000_000n;

  /** @param root - what is on the disk at first; its inodes may not be used again. */
  constructor(
    root: FolderNode = { inode: ROOT_INODE, kind: 'folder', entries: new Map(), modified: 0n },
    lastInode: number = ROOT_INODE,
  ) {
    this.#root = root;
    this.#lastInode = lastInode;
  }

  open(file: string, mode: OpenMode): Promise<OpenFile> {
    return attempt(() => {
      const { folder, name, node } = this.#find(file);
      if (mode === 'create') {
        if (node !== undefined) throw failure('EEXIST', file);
        const made: FileNode = {
          inode: this.#newInode(),
          kind: 'file',
          data: new Uint8Array(0),
          modified: this.#now(),
        };
        folder.entries.set(name, made);
        this.events.push({ kind: 'add', folder: folder.inode, name, node: made.inode, isFolder: false });
        return this.#handle(made);
      }
      if (node === undefined) throw failure('ENOENT', file);
      if (node.kind === 'folder') throw failure('EISDIR', file);
      return this.#handle(node);
    });
  }

  look(file: string): Promise<FileInfo | undefined> {
    return attempt(() => {
      if (file === path.parse(file).root) return info(this.#root);
      const found = this.#tryFind(file)?.node;
      return found === undefined ? undefined : info(found);
    });
  }

  realPath(file: string): Promise<string> {
    return attempt(() => {
      if (this.#tryFind(file)?.node === undefined) throw failure('ENOENT', file);
      return file;
    });
  }

  list(folder: string): Promise<readonly string[]> {
    return attempt(() => [...this.#folder(folder).entries.keys()]);
  }

  makeFolder(folder: string): Promise<void> {
    return attempt(() => {
      const { folder: parent, name, node } = this.#find(folder);
      if (node !== undefined) throw failure('EEXIST', folder);
      const made: FolderNode = {
        inode: this.#newInode(),
        kind: 'folder',
        entries: new Map(),
        modified: this.#now(),
      };
      parent.entries.set(name, made);
      this.events.push({ kind: 'add', folder: parent.inode, name, node: made.inode, isFolder: true });
    });
  }

  rename(from: string, to: string): Promise<void> {
    return attempt(() => {
      const source = this.#find(from);
      const target = this.#find(to);
      if (source.node === undefined) throw failure('ENOENT', from);
      if (target.node?.kind === 'folder') {
        if (source.node.kind === 'file') throw failure('EISDIR', to);
        if (target.node.entries.size > 0) throw failure('ENOTEMPTY', to);
      } else if (target.node !== undefined && source.node.kind === 'folder') {
        throw failure('ENOTDIR', to);
      }
      source.folder.entries.delete(source.name);
      target.folder.entries.set(target.name, source.node);
      this.events.push({
        kind: 'move',
        from: source.folder.inode,
        fromName: source.name,
        to: target.folder.inode,
        toName: target.name,
        node: source.node.inode,
      });
    });
  }

  removeFile(file: string): Promise<void> {
    return attempt(() => {
      const { folder, name, node } = this.#find(file);
      if (node === undefined) throw failure('ENOENT', file);
      if (node.kind === 'folder') throw failure('EISDIR', file);
      folder.entries.delete(name);
      this.events.push({ kind: 'remove', folder: folder.inode, name });
    });
  }

  removeFolder(folder: string): Promise<void> {
    return attempt(() => {
      const { folder: parent, name, node } = this.#find(folder);
      if (node === undefined) throw failure('ENOENT', folder);
      if (node.kind !== 'folder') throw failure('ENOTDIR', folder);
      if (node.entries.size > 0) throw failure('ENOTEMPTY', folder);
      parent.entries.delete(name);
      this.events.push({ kind: 'remove', folder: parent.inode, name });
    });
  }

  setPermissions(file: string): Promise<void> {
    return attempt(() => void this.#existing(file));
  }

  touch(file: string): Promise<void> {
    return attempt(() => {
      this.#existing(file).modified = this.#now();
    });
  }

  syncFolder(folder: string): Promise<void> {
    return attempt(() => void this.events.push({ kind: 'sync-folder', folder: this.#folder(folder).inode }));
  }

  #handle(node: FileNode): OpenFile {
    return {
      read: (buffer, offset, length, position) =>
        attempt(() => {
          const part = node.data.subarray(position, position + length);
          buffer.set(part, offset);
          return part.byteLength;
        }),
      write: (buffer, offset, length, position) =>
        attempt(() => {
          const bytes = Uint8Array.from(buffer.subarray(offset, offset + length));
          node.data = written(node.data, position, bytes);
          node.modified = this.#now();
          this.events.push({ kind: 'write', node: node.inode, position, bytes });
          return bytes.byteLength;
        }),
      sync: () => attempt(() => void this.events.push({ kind: 'sync', node: node.inode })),
      truncate: (size) =>
        attempt(() => {
          node.data = node.data.slice(0, size);
          this.events.push({ kind: 'truncate', node: node.inode, size });
        }),
      info: () => attempt(() => info(node)),
      close: () => Promise.resolve(),
    };
  }

  #existing(file: string): SimulatedNode {
    const { node } = this.#find(file);
    if (node === undefined) throw failure('ENOENT', file);
    return node;
  }

  #folder(folder: string): FolderNode {
    const node = folder === path.parse(folder).root ? this.#root : this.#existing(folder);
    if (node.kind !== 'folder') throw failure('ENOTDIR', folder);
    return node;
  }

  #find(file: string): {
    readonly folder: FolderNode;
    readonly name: string;
    readonly node: SimulatedNode | undefined;
  } {
    const found = this.#tryFind(file);
    if (found === undefined) throw failure('ENOENT', file);
    return found;
  }

  #tryFind(
    file: string,
  ):
    | { readonly folder: FolderNode; readonly name: string; readonly node: SimulatedNode | undefined }
    | undefined {
    const parts = path
      .resolve(file)
      .slice(path.parse(path.resolve(file)).root.length)
      .split(path.sep);
    const name = parts.pop() ?? '';
    let folder = this.#root;
    for (const part of parts) {
      const next = folder.entries.get(part);
      if (next?.kind !== 'folder') return undefined;
      folder = next;
    }
    return { folder, name, node: folder.entries.get(name) };
  }

  #newInode(): number {
    this.#lastInode += 1;
    return this.#lastInode;
  }

  #now(): bigint {
    this.#clock += 1000n;
    return this.#clock;
  }
}

/** The content after a write: what lies between the old end and the position is zero. */
export function written(data: Uint8Array, position: number, bytes: Uint8Array): Uint8Array {
  const size = Math.max(data.byteLength, position + bytes.byteLength);
  const after = new Uint8Array(size);
  after.set(data);
  after.set(bytes, position);
  return after;
}

function info(node: SimulatedNode): FileInfo {
  return {
    kind: node.kind,
    size: node.kind === 'file' ? node.data.byteLength : 0,
    modified: node.modified,
    changed: node.modified,
    inode: BigInt(node.inode),
    device: 1n,
  };
}

function failure(code: string, file: string): Error {
  return Object.assign(new Error(`${code}: ${file}`), { code });
}

/** Answers later, as a disk does, so that other work comes in between. */
async function attempt<Result>(work: () => Result): Promise<Result> {
  await Promise.resolve();
  return work();
}
