import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import type { LayoutEntry } from '../layout-index.ts';

/**
 * How one layout holds many repositories (decided once; other tools read all of it):
 *
 * - An entry of `index.json` whose `ref.name` is a tag (`v1`) belongs to the layout's own repository: what every tool writes, and
 *   all there is in a plain layout. What that repository is called is no part of the layout; whoever serves it says so.
 * - An entry whose `ref.name` is `repository:tag` (`team/app:v1`) is that tag of that repository. The grammar of `ref.name` has
 *   room for it; podman and skopeo write full references the same way, so theirs are read as repositories, too
 *   (`docker.io/library/app:1.0` is tag `1.0` of `docker.io/library/app`).
 * - Manifests that a repository holds without a tag (children of indexes, referrers, what was untagged) are named by the
 *   annotation `tallyman.repositories` on the first entry of their digest: repository names separated by spaces, `.` for the
 *   layout's own. An entry without name and annotation is in the layout's own.
 *
 * An entry is never made twice for one digest without a name, because programs that rewrite `index.json` (oras) keep only one
 * of them; annotations they keep.
 */
export const REPOSITORIES_ANNOTATION = 'tallyman.repositories';

/** Stands for the layout's own repository, which has no name of its own. No repository can be called so. */
export const OWN_REPOSITORY = '.';

/** A repository of a layout, by its name or `OWN_REPOSITORY`, and a tag of it. */
export interface RepositoryTag {
  readonly repository: string;
  readonly tag: string;
}

/** What a `ref.name` says; undefined for one that is no tag of any repository, as `localhost:5000/app:1` or `build of today`. */
export function readEntryName(refName: string): RepositoryTag | undefined {
  if (isTag(refName)) return { repository: OWN_REPOSITORY, tag: refName };
  const colon = refName.lastIndexOf(':');
  if (colon === -1) return undefined;
  const [repository, tag] = [refName.slice(0, colon), refName.slice(colon + 1)];
  return isRepositoryName(repository) && isTag(tag) ? { repository, tag } : undefined;
}

/** The `ref.name` of a tag of a repository. */
export function entryName({ repository, tag }: RepositoryTag): string {
  return repository === OWN_REPOSITORY ? tag : `${repository}:${tag}`;
}

/** The repositories that an entry says hold its manifest without a tag. */
export function holdersOf({
  refName,
  descriptor,
}: Pick<LayoutEntry, 'refName' | 'descriptor'>): readonly string[] {
  const text = descriptor?.annotations?.[REPOSITORIES_ANNOTATION] ?? '';
  const named = text.split(' ').filter((name) => name === OWN_REPOSITORY || isRepositoryName(name));
  if (named.length > 0) return [...new Set(named)];
  const isTagged = refName !== undefined && readEntryName(refName) !== undefined;
  return isTagged ? [] : [OWN_REPOSITORY];
}

/** The annotation for these repositories; undefined when there are none. */
export function holdersAnnotation(repositories: ReadonlySet<string>): string | undefined {
  return repositories.size === 0 ? undefined : [...repositories].sort().join(' ');
}
