import { isDigest, type Digest } from '../../shared/oci/digest.ts';

/** What lies under a name of a layout. */
export type StoredFile =
  | { readonly state: 'file'; readonly size: number }
  | { readonly state: 'missing' }
  /** Something that is not read: a symbolic link, a folder, a device. `what` completes "it is …". */
  | { readonly state: 'refused'; readonly what: string };

/**
 * The files of a layout, wherever they lie. Names are those inside the layout: `oci-layout`, `index.json`, or what
 * `blobName` makes of a digest; nothing else is ever asked for, and no link is followed.
 */
export interface LayoutStorage {
  readonly kind: 'folder' | 'archive';
  /** Where it lies, for texts. */
  readonly place: string;
  look(name: string): Promise<StoredFile>;
  /**
   * Bytes of a file from `offset`, at most `length` of them.
   * @throws TallymanError MISSING when there is none, UNREADABLE when it is no plain file or the disk refuses.
   */
  read(name: string, range: ReadRange): AsyncIterable<Uint8Array>;
  /** Everything under `blobs/ALGORITHM`, by name, digest or not. */
  blobNames(signal: AbortSignal): AsyncIterable<string>;
  /** Differs from an earlier answer when `index.json` may have changed since. */
  indexStamp(): Promise<string>;
  close(): Promise<void>;
}

export interface ReadRange {
  readonly offset: number;
  /** Absent: to the end. */
  readonly length?: number;
  readonly signal: AbortSignal;
}

export const LAYOUT_HEADER_NAME = 'oci-layout';
export const INDEX_NAME = 'index.json';

/** The digest that a name from `blobNames` stands for; undefined when it is none. */
export function digestOfName(name: string): Digest | undefined {
  const [, algorithm = '', encoded = ''] = name.split('/');
  const digest = `${algorithm}:${encoded}`;
  return isDigest(digest) ? digest : undefined;
}

/**
 * Name of a blob's file (image-spec image-layout.md, Blobs). Safe on every system by the grammar of digests: neither
 * part can hold a slash, a backslash or a colon, and no algorithm begins with a dot.
 */
export function blobName(digest: Digest): string {
  const colon = digest.indexOf(':');
  return `blobs/${digest.slice(0, colon)}/${digest.slice(colon + 1)}`;
}
