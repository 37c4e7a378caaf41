import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { EditableIndex } from '../index-edit.ts';
import { putInRepository, removeFromRepository } from './repository-edit.ts';
import { OWN_REPOSITORY, readEntryName } from './repository-names.ts';

/** Content of a layout and how it is to be listed. */
export interface NamedContent {
  /** What a new entry of `index.json` says. */
  readonly entry: Descriptor;
  /** Whole names, `1.0` or `team/app:1.0`; none for content that is only listed. */
  readonly names: readonly string[];
  /** Nobody had it before: it belongs to the repositories of its names, and to the layout's own only by a name. */
  readonly isNew: boolean;
}

/** A name that meant something else before. */
export interface MovedName {
  readonly name: string;
  readonly before: Digest;
  readonly after: Digest;
}

/**
 * The index with all of it listed under its names. What a name meant before stays listed, in the repository of that name; of a
 * name that is given twice the first counts.
 */
export function nameContent(
  before: EditableIndex,
  contents: readonly NamedContent[],
): { readonly index: EditableIndex; readonly moved: readonly MovedName[] } {
  const moved: MovedName[] = [];
  const given = new Set<string>();
  let index = before;
  for (const { entry, names, isNew } of contents) {
    index = index.withListed(entry);
    for (const name of names) {
      if (given.has(name)) continue;
      given.add(name);
      const old = before.find(name);
      if (old !== undefined && old.digest !== entry.digest)
        moved.push({ name, before: old.digest, after: entry.digest });
      const tagged = readEntryName(name);
      index =
        tagged === undefined
          ? index.withName(name, entry)
          : putInRepository(index, tagged.repository, entry, [tagged.tag]);
    }
    const repositories = names.map((name) => readEntryName(name)?.repository ?? OWN_REPOSITORY);
    if (isNew && names.length > 0 && !repositories.includes(OWN_REPOSITORY))
      index = removeFromRepository(index, OWN_REPOSITORY, entry.digest);
  }
  return { index, moved };
}
