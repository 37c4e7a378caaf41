import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import { choosePlatforms } from './choose-platforms.ts';
import { failureOf } from './copy-failure.ts';
import type { CopySelection } from './copy-options.ts';
import type { CopyReader } from './copy-reader.ts';
import type { TaskGroup } from './task-group.ts';
import type { TaskPool } from './task-pool.ts';

export interface CopyRootsOptions {
  readonly selection: CopySelection;
  readonly reader: CopyReader;
  readonly group: TaskGroup;
  readonly pool: TaskPool;
  readonly onNote: (note: ErrorData) => void;
  /** A root is known by its digest. */
  readonly onRoot?: (digest: Digest) => void;
}

/**
 * Begins to read every root. Answers their digests, filled in as they become known: all of them are when the group has settled.
 */
export function startAtRoots({
  selection,
  reader,
  group,
  pool,
  onNote,
  onRoot,
}: CopyRootsOptions): readonly (Digest | undefined)[] {
  const { from, roots, platforms = [] } = selection;
  const digests: (Digest | undefined)[] = roots.map(() => undefined);
  for (const [position, { reference }] of roots.entries()) {
    const known =
      typeof reference === 'string' ? (isDigest(reference) ? reference : undefined) : reference.digest;
    const learn = (digest: Digest): void => {
      digests[position] = digest;
      onRoot?.(digest);
    };
    group.spawn(async () => {
      if (known !== undefined && platforms.length === 0) {
        learn(known);
        reader.addDigest(known, typeof reference === 'string' ? undefined : reference);
        return;
      }
      const { signal } = group;
      const fetched = await pool.run(() => from.fetchManifest(reference, { signal }));
      if (platforms.length === 0) {
        learn(fetched.descriptor.digest);
        reader.addFetched(fetched);
        return;
      }
      const chosen = await choosePlatforms(from, fetched, platforms, { signal }).catch((error: unknown) => {
        throw failureOf(error, `Choosing platforms of ${fetched.descriptor.digest}`);
      });
      for (const note of chosen.notes) onNote(note);
      learn(chosen.fetched.descriptor.digest);
      reader.addFetched(chosen.fetched);
    });
  }
  return digests;
}

/** What became of each root, in their order. */
export function eachRoot<Copied>(
  digests: readonly (Digest | undefined)[],
  copied: ReadonlyMap<Digest, Copied>,
): readonly Copied[] {
  return digests.map((digest) => {
    const root = digest === undefined ? undefined : copied.get(digest);
    if (root === undefined) throw new Error('A root of the copy was not read.');
    return root;
  });
}
