import { chmod, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { LayoutFiles, named } from '../make-layout.ts';

/** A good layout on disk, with something of each kind. */
export interface GoodLayout {
  readonly folder: string;
  /** A file beside the layout that links lead to; it never changes. */
  readonly outside: string;
  readonly index: Descriptor;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layer: Descriptor;
}

/** One way in which a layout may be damaged. */
export interface LayoutMutation {
  readonly name: string;
  /** Kinds of problems of a check, one of which has to be among its result; or the code with which it does not open. */
  readonly found: readonly string[];
  apply(layout: GoodLayout): Promise<void>;
}

/** Writes a layout in which nothing is wrong: an index with two platforms, an artifact about it, and something that nothing needs. */
export async function writeGoodLayout(folder: string): Promise<GoodLayout> {
  const files = new LayoutFiles();
  const layer = files.blob('content of a layer, long enough to be cut', MEDIA_TYPES.layerTar);
  const config = files.blob(
    '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
    MEDIA_TYPES.imageConfig,
  );
  const manifest = files.manifest({ config, layers: [layer] });
  const index = files.index([
    manifest,
    files.manifest({ layers: [layer], annotations: { other: 'platform' } }),
  ]);
  const about = files.manifest({ subject: manifest });
  files.blob('nothing needs it');
  files.setEntries([named(index, 'v1'), named(manifest, 'v2'), about]);
  const outside = path.join(folder, '..', 'outside');
  await mkdir(outside, { recursive: true });
  await writeFile(path.join(outside, 'precious'), 'of a person');
  return { folder: await files.writeTo(folder), outside, index, manifest, config, layer };
}

const fileOf = ({ folder }: GoodLayout, { digest }: Descriptor): string =>
  path.join(folder, 'blobs', ...digest.split(':'));

/** What may become of one file. `same`: whether what it was is gone for sure. */
const FILE_FAULTS: Readonly<Record<string, (file: string, layout: GoodLayout) => Promise<void>>> = {
  'is missing': (file) => rm(file),
  'is empty': (file) => truncate(file, 0),
  'is zeros': async (file) => writeFile(file, Buffer.alloc((await readFile(file)).byteLength)),
  'is cut in half': async (file) => truncate(file, Math.floor((await readFile(file)).byteLength / 2)),
  'has bytes after its end': async (file) =>
    writeFile(file, Buffer.concat([await readFile(file), Buffer.from('x')])),
  'has one bit flipped': async (file) => {
    const bytes = await readFile(file);
    bytes[Math.floor(bytes.byteLength / 3)]! ^= 1;
    await writeFile(file, bytes);
  },
  'is the content of another': (file, layout) => writeFile(file, layout.folder),
  'is a folder': async (file) => {
    await rm(file);
    await mkdir(path.join(file, 'inside'), { recursive: true });
  },
  'is a link out of the layout': async (file, { outside }) => {
    await rm(file);
    await symlink(path.join(outside, 'precious'), file);
  },
  'is a link to itself': async (file) => {
    await rm(file);
    await symlink(file, file);
  },
};

const CONTENT_FOUND: Readonly<Record<string, readonly string[]>> = {
  'is missing': ['missing'],
  'is a folder': ['no-file'],
  'is a link out of the layout': ['no-file'],
  'is a link to itself': ['no-file'],
};

const CONTENT = (['index', 'manifest', 'config', 'layer'] as const).flatMap((what) =>
  Object.entries(FILE_FAULTS).map(([fault, apply]): LayoutMutation => ({
    name: `the ${what} ${fault}`,
    found: CONTENT_FOUND[fault] ?? ['corrupt'],
    apply: (layout) => apply(fileOf(layout, layout[what]), layout),
  })),
);

const INDEX_FILE = Object.entries(FILE_FAULTS).map(([fault, apply]): LayoutMutation => ({
  name: `index.json ${fault}`,
  // One flipped bit may still be JSON, with another digest, type or name in it.
  found: fault === 'has one bit flipped' ? ['index', 'entry', 'missing', 'manifest', 'size'] : ['index'],
  apply: (layout) => apply(path.join(layout.folder, 'index.json'), layout),
}));

const HEADER = Object.entries(FILE_FAULTS).map(([fault, apply]): LayoutMutation => ({
  name: `oci-layout ${fault}`,
  found: ['NOT_A_LAYOUT', 'MALFORMED', 'LAYOUT_VERSION', 'UNREADABLE'],
  apply: (layout) => apply(path.join(layout.folder, 'oci-layout'), layout),
}));

function indexText(
  name: string,
  text: (layout: GoodLayout) => string,
  found: readonly string[],
): LayoutMutation {
  return {
    name: `index.json ${name}`,
    found,
    apply: (layout) => writeFile(path.join(layout.folder, 'index.json'), text(layout)),
  };
}

function entries(
  name: string,
  list: (layout: GoodLayout) => readonly unknown[],
  found: readonly string[],
): LayoutMutation {
  const nameIt = (entry: unknown): unknown =>
    typeof entry === 'object' && entry !== null ? named(entry as Descriptor, 'v1') : entry;
  return indexText(
    name,
    (layout) => JSON.stringify({ schemaVersion: 2, manifests: list(layout).map(nameIt) }),
    found,
  );
}

const INDEX_TEXT: readonly LayoutMutation[] = [
  indexText('is a list', () => '[]', ['index']),
  indexText('is a text', () => '"manifests"', ['index']),
  indexText('begins with a byte order mark', () => '\ufeff{"manifests":[]}', ['index']),
  indexText('has manifests twice', () => '{"manifests":[],"manifests":[]}', ['index']),
  indexText('has a text for manifests', () => '{"manifests":"none"}', ['index']),
  indexText('is nested a million deep', () => `{"manifests":${'['.repeat(1_000_000)}`, ['index']),
  indexText('has a lone half of a character', () => '{"manifests":[],"x":"\\ud800"', ['index']),
  indexText('is HTML', () => '<html><body>502</body></html>', ['index']),
  indexText('has conflict markers', () => '<<<<<<< HEAD\n{"manifests":[]}\n=======\n{}\n>>>>>>>', ['index']),
  entries(
    'names a digest that leads out',
    ({ manifest }) => [{ ...manifest, digest: 'sha256:../../../outside/precious' }],
    ['entry'],
  ),
  entries(
    'names an unknown digest',
    ({ manifest }) => [{ ...manifest, digest: `sha256:${'0'.repeat(64)}` }],
    ['missing'],
  ),
  entries('has an entry without digest', () => [{ mediaType: MEDIA_TYPES.manifest, size: 2 }], ['entry']),
  entries('has an entry of null', () => [null], ['entry']),
  entries('has a negative size', ({ manifest }) => [{ ...manifest, size: -1 }], ['entry']),
  entries('has a size beyond all numbers', ({ manifest }) => [{ ...manifest, size: 1e308 }], [
    'entry',
    'size',
  ]),
  entries('has another size', ({ manifest }) => [{ ...manifest, size: manifest.size + 1 }], ['size']),
  entries('calls a layer a manifest', ({ layer }) => [{ ...layer, mediaType: MEDIA_TYPES.manifest }], [
    'manifest',
  ]),
  entries('calls an image an index', ({ manifest }) => [{ ...manifest, mediaType: MEDIA_TYPES.index }], [
    'manifest',
  ]),
];

const FOLDERS: readonly LayoutMutation[] = [
  {
    name: 'the folder blobs is missing',
    found: ['missing'],
    apply: ({ folder }) => rm(path.join(folder, 'blobs'), { recursive: true }),
  },
  {
    name: 'the folder blobs is a link',
    found: ['missing', 'no-file'],
    async apply({ folder, outside }) {
      await rename(path.join(folder, 'blobs'), path.join(outside, 'blobs'));
      await symlink(path.join(outside, 'blobs'), path.join(folder, 'blobs'));
    },
  },
  {
    name: 'the folder blobs/sha256 is a link',
    found: ['missing', 'no-file'],
    async apply({ folder, outside }) {
      await rename(path.join(folder, 'blobs', 'sha256'), path.join(outside, 'sha256'));
      await symlink(path.join(outside, 'sha256'), path.join(folder, 'blobs', 'sha256'));
    },
  },
  {
    name: 'the folder blobs/sha256 is a file',
    found: ['missing', 'no-file'],
    async apply({ folder }) {
      await rm(path.join(folder, 'blobs', 'sha256'), { recursive: true });
      await writeFile(path.join(folder, 'blobs', 'sha256'), 'x');
    },
  },
  {
    name: 'the digests of all blobs are written large',
    found: ['missing'],
    async apply(layout) {
      const file = fileOf(layout, layout.manifest);
      await rename(file, path.join(path.dirname(file), path.basename(file).toUpperCase()));
    },
  },
  {
    name: 'a blob may not be read',
    found: process.getuid?.() === 0 ? [] : ['unreadable'],
    apply: (layout) => chmod(fileOf(layout, layout.layer), 0),
  },
];

/** Every mutation; each is applied to a layout of its own. */
export const MUTATIONS: readonly LayoutMutation[] = [
  ...CONTENT,
  ...INDEX_FILE,
  ...HEADER,
  ...INDEX_TEXT,
  ...FOLDERS,
];
