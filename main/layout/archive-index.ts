import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { entryPathParts } from './archive-path.ts';
import type { ArchivedFile, ArchiveIndex } from './archived-file.ts';
import type { ByteSource } from './byte-source.ts';
import { addDockerNames } from './docker-archive/docker-names.ts';
import { DOCKER_MANIFEST_NAME, indexDockerArchive } from './docker-archive/index-docker-archive.ts';
import { INDEX_NAME, LAYOUT_HEADER_NAME } from './layout-storage.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';

const LAYOUT_NAME = /^(?:oci-layout|index\.json|blobs\/[a-z0-9]+(?:[+._-][a-z0-9]+)*\/[a-zA-Z0-9=_-]+)$/;

/** What only archives of docker have at the top; the last is all there is in one that was saved by its id before 1.10. */
const DOCKER_NAME = /^(?:manifest\.json|repositories|[0-9a-f]{64}\/layer\.tar)$/;

const REFUSED: Readonly<Record<Exclude<TarEntry['type'], 'file'>, string>> = {
  folder: 'a folder',
  'symbolic-link': 'a symbolic link, and links are not followed',
  'hard-link': 'a hard link to something that is not part of the layout',
  'sparse-file': 'a sparse file, which is not stored as it is read',
  other: 'a device or another special file',
};

/**
 * Finds the layout in a tar: at its top or, as after `tar -cf X FOLDER`, in the one folder that holds one. Where a name
 * comes twice the later entry counts, as it would after unpacking. An archive of docker is read as the layout that it would
 * be; one that is both is a layout, with the names of both.
 * @throws TallymanError NOT_A_LAYOUT when there is none, and as `readTarEntries` and `indexDockerArchive`.
 */
export async function indexArchive(
  source: ByteSource,
  place: string,
  signal: AbortSignal,
): Promise<ArchiveIndex> {
  const roots = new Map<string, Map<string, ArchivedFile>>();
  let dockerArchive = false;
  let dockerManifest: ArchivedFile | undefined;
  for await (const entry of readTarEntries(source, signal)) {
    const parts = entryPathParts(entry.path);
    if (parts === undefined) continue;
    const name = parts.join('/');
    if (DOCKER_NAME.test(name) && entry.type !== 'folder') dockerArchive = true;
    if (name === DOCKER_MANIFEST_NAME) dockerManifest = archivedFile(entry, roots);
    const inLayout = splitRoot(parts);
    if (inLayout === undefined) continue;
    const files = filesUnder(roots, inLayout.root);
    files.set(inLayout.name, archivedFile(entry, roots));
  }

  const top = roots.get('');
  if (top?.has(LAYOUT_HEADER_NAME) === true)
    return dockerManifest === undefined ? top : addDockerNames(source, top, dockerManifest, signal);
  if (dockerArchive) return indexDockerArchive(source, place, signal);
  const below = [...roots].filter(
    ([root, files]) => root !== '' && files.has(LAYOUT_HEADER_NAME) && files.has(INDEX_NAME),
  );
  const [only] = below;
  if (only !== undefined && below.length === 1) return only[1];
  throw noLayout(place, { top, below: below.map(([root]) => root) });
}

function splitRoot(parts: readonly string[]): { readonly root: string; readonly name: string } | undefined {
  const name = parts.join('/');
  if (LAYOUT_NAME.test(name)) return { root: '', name };
  const [root, ...rest] = parts;
  const below = rest.join('/');
  return root !== undefined && LAYOUT_NAME.test(below) ? { root, name: below } : undefined;
}

function filesUnder(roots: Map<string, Map<string, ArchivedFile>>, root: string): Map<string, ArchivedFile> {
  const known = roots.get(root);
  if (known !== undefined) return known;
  const files = new Map<string, ArchivedFile>();
  roots.set(root, files);
  return files;
}

function archivedFile(
  entry: TarEntry,
  roots: ReadonlyMap<string, ReadonlyMap<string, ArchivedFile>>,
): ArchivedFile {
  if (entry.type === 'file') return { state: 'file', offset: entry.offset, size: entry.size };
  if (entry.type === 'hard-link') {
    // The second name of a file that came before, as tar writes layouts whose blobs were linked instead of copied.
    const target = entryPathParts(entry.linkPath);
    const inLayout = target === undefined ? undefined : splitRoot(target);
    const file = inLayout === undefined ? undefined : roots.get(inLayout.root)?.get(inLayout.name);
    if (file?.state === 'file') return file;
  }
  return { state: 'refused', what: REFUSED[entry.type] };
}

function noLayout(
  place: string,
  found: {
    readonly top: ArchiveIndex | undefined;
    readonly below: readonly string[];
  },
): TallymanError {
  const message = (what: string): string => `${place} holds no OCI image layout: ${what}.`;
  if (found.top?.has(INDEX_NAME) === true) {
    return new TallymanError({
      code: 'NOT_A_LAYOUT',
      message: message('it has an index.json and no file oci-layout'),
      hint: 'The archive was made in a wrong way, or is only a part: make it again from the whole layout.',
    });
  }
  if (found.below.length > 1) {
    return new TallymanError({
      code: 'NOT_A_LAYOUT',
      message: message(`it has ${found.below.length} of them in folders`),
      hint: 'Unpack the archive and open one of the folders.',
    });
  }
  return new TallymanError({
    code: 'NOT_A_LAYOUT',
    message: message('the file oci-layout is absent'),
    hint: 'Open an archive made by skopeo (oci-archive:), podman, buildkit, oras or regctl, or a layout folder.',
  });
}
