import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { displayText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestEncoded, type Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { verifiableAlgorithm } from '../content/verify-content.ts';
import { checkLayout } from './check-layout.ts';
import { checkLayoutAt, type LayoutCondition } from './check-layout-at.ts';
import { ensureFolder, publishFile, writeSynced } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { EditableIndex } from './index-edit.ts';
import { IndexStore } from './index-store.ts';
import { LayoutReader } from './layout-reader.ts';
import { blobName, digestOfName, type LayoutStorage } from './layout-storage.ts';
import { INDEX_FILE_LIMIT } from './limits.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { openLayoutStorage } from './open-layout.ts';
import { systemProcesses, type ProcessTable } from './process-identity.ts';
import { quarantineBlob } from './quarantine.ts';
import { readWholeFile } from './read-whole-file.ts';
import { refuseLinks } from './refuse-links.ts';
import { layoutPaths, NEW_INDEX_PREFIX, type LayoutPaths } from './work-folder.ts';

export interface RepairOptions {
  readonly signal: AbortSignal;
  /**
   * What to do when index.json cannot be read; without, it is left as it is.
   * - `previous`: take the last one that Tallyman wrote; what other programs wrote since is not in it
   * - `rebuild`: list every manifest that is whole and that no other one lists; all names are lost
   */
  readonly index?: 'previous' | 'rebuild';
  /** Called with the bytes read so far, of the check before and of the one after. */
  readonly onProgress?: (bytes: number) => void;
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
}

export interface RepairReport {
  /** Blobs that were moved to `.tallyman/quarantine`, for a person to look at. */
  readonly quarantined: readonly Digest[];
  readonly index: 'kept' | 'previous' | 'rebuilt';
  /** What a check says now. Damaged content is missing now: it can be got again. */
  readonly condition: LayoutCondition;
}

/**
 * Repairs what can be without losing anything: damaged content goes into quarantine, so that the right one can take its
 * place, and an unreadable `index.json` is replaced when that is asked for, a copy of it kept. Nothing is removed.
 * @throws TallymanError as `openLayout` for a path that is no layout, UNSUPPORTED for an archive, NOT_FOUND when there is no
 * previous index.
 */
export async function repairLayout(location: string, options: RepairOptions): Promise<RepairReport> {
  const { signal, onProgress, fileSystem = nodeFileSystem, processes = systemProcesses } = options;
  const place = displayText(location);
  const progress = onProgress === undefined ? {} : { onProgress };
  const storage = await openLayoutStorage(location, { signal, fileSystem });
  try {
    if (storage.kind === 'archive') throw archiveStays(place);
    const paths = layoutPaths(await fileSystem.realPath(path.resolve(location)));
    await refuseLinks(fileSystem, paths, place);
    const store = new IndexStore({ fileSystem, processes, paths, place });
    const reader = new LayoutReader(storage);
    const before = await checkLayout(storage, reader, { signal, ...progress });
    const damaged = before.problems.flatMap(({ kind, digest }) =>
      kind === 'corrupt' || kind === 'no-file' ? (digest ?? []) : [],
    );

    const quarantined: Digest[] = [];
    let index: RepairReport['index'] = 'kept';
    await store.underLock(async (lock) => {
      for (const digest of damaged) {
        if (await isDamaged(storage, digest, signal)) {
          await quarantineBlob(fileSystem, paths, digest);
          quarantined.push(digest);
        }
      }
      if (options.index === undefined || !before.problems.some(({ kind }) => kind === 'index')) return;
      const next =
        options.index === 'previous'
          ? await previousIndex(fileSystem, paths, place)
          : await rebuildIndex(storage, reader, signal);
      await keepCopy(fileSystem, paths);
      const temporary = path.join(paths.work, `${NEW_INDEX_PREFIX}${randomUUID()}`);
      await writeSynced(fileSystem, temporary, next.toBytes(), 0o644);
      await lock.check();
      await publishFile(fileSystem, temporary, paths.index);
      index = options.index === 'previous' ? 'previous' : 'rebuilt';
    }, signal);
    const condition = await checkLayoutAt(location, { signal, fileSystem, ...progress });
    return { quarantined, index, condition };
  } catch (error) {
    throw fileError(error, `Repairing ${place}`);
  } finally {
    await storage.close();
  }
}

function archiveStays(place: string): TallymanError {
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: `${place} is an archive: it can be checked, not repaired.`,
    hint: 'Get it again from where it was made, or import it into a layout folder.',
  });
}

/** Somebody may have put the right content there since the check. */
async function isDamaged(storage: LayoutStorage, digest: Digest, signal: AbortSignal): Promise<boolean> {
  const stored = await storage.look(blobName(digest));
  if (stored.state !== 'file') return stored.state === 'refused';
  const hash = createHash(verifiableAlgorithm(digest));
  for await (const chunk of storage.read(blobName(digest), { offset: 0, signal })) hash.update(chunk);
  return hash.digest('hex') !== digestEncoded(digest);
}

async function previousIndex(
  fileSystem: FileSystem,
  paths: LayoutPaths,
  place: string,
): Promise<EditableIndex> {
  const bytes = await readWhole(fileSystem, paths.previousIndex);
  if (bytes !== undefined) return EditableIndex.parse(bytes, `${place} (the copy in .tallyman)`);
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `Tallyman never wrote into ${place}: there is no earlier index.json.`,
    hint: 'Rebuild it from the manifests instead; names are lost then.',
  });
}

/** An index of every manifest that no other one lists. */
async function rebuildIndex(
  storage: LayoutStorage,
  reader: LayoutReader,
  signal: AbortSignal,
): Promise<EditableIndex> {
  const manifests: Descriptor[] = [];
  const listed = new Set<Digest>();
  for await (const name of storage.blobNames(signal)) {
    const digest = digestOfName(name);
    const manifest = digest === undefined ? undefined : await readManifest(reader, digest, signal);
    if (manifest === undefined) continue;
    manifests.push(manifest.descriptor);
    for (const child of manifest.children) listed.add(child);
  }
  return manifests
    .filter(({ digest }) => !listed.has(digest))
    .reduce((index, descriptor) => index.withListed(descriptor), EditableIndex.empty());
}

/** A manifest in which nothing is wrong; undefined for everything else. */
async function readManifest(
  reader: LayoutReader,
  digest: Digest,
  signal: AbortSignal,
): Promise<{ readonly descriptor: Descriptor; readonly children: readonly Digest[] } | undefined> {
  try {
    const { descriptor, bytes } = await reader.manifest(digest, {}, signal);
    const parsed = parseManifest(bytes, descriptor.mediaType);
    if (parsed.problems.length > 0) return undefined;
    return {
      descriptor,
      children: parsed.form === 'index' ? parsed.manifests.map((child) => child.digest) : [],
    };
  } catch (error) {
    if (error instanceof TallymanError && !signal.aborted) return undefined;
    throw error;
  }
}

/** A copy of an index that is about to be replaced: nothing of it is lost. */
async function keepCopy(fileSystem: FileSystem, paths: LayoutPaths): Promise<void> {
  const bytes = await readWhole(fileSystem, paths.index);
  if (bytes === undefined) return;
  await ensureFolder(fileSystem, paths.quarantine);
  await writeSynced(fileSystem, path.join(paths.quarantine, `index-${randomUUID()}.json`), bytes, 0o644);
  await fileSystem.syncFolder(paths.quarantine);
}

async function readWhole(fileSystem: FileSystem, name: string): Promise<Uint8Array | undefined> {
  try {
    return (await readWholeFile(fileSystem, name, INDEX_FILE_LIMIT, 'index.json')).bytes;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
