import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { EditableIndex } from '../index-edit.ts';
import {
  entryName,
  holdersAnnotation,
  holdersOf,
  OWN_REPOSITORY,
  readEntryName,
  REPOSITORIES_ANNOTATION,
  type RepositoryTag,
} from './repository-names.ts';

// Changes of `index.json` by repository; see `repository-names.ts` for what its entries mean. Pure: they may run several times.

/** Who holds one digest: every `ref.name` of it, and the repositories that hold it without a tag. */
interface Holding {
  readonly names: ReadonlySet<string>;
  readonly holders: ReadonlySet<string>;
}

/**
 * With a manifest in a repository, under these tags and, without any, just there. What the tags meant before stays in the
 * repository without them.
 * @param entry - what a new entry of `index.json` says.
 */
export function putInRepository(
  before: EditableIndex,
  repository: string,
  entry: Descriptor,
  tags: readonly string[],
): EditableIndex {
  const index = tags.reduce((all, tag) => moveTagAway(all, { repository, tag }, entry.digest), before);
  const { names, holders } = holdingOf(index, entry.digest);
  const allNames = new Set([...names, ...tags.map((tag) => entryName({ repository, tag }))]);
  const allHolders = new Set(holders);
  if (isTaggedIn(allNames, repository)) allHolders.delete(repository);
  else allHolders.add(repository);
  return withHolding(index, entry, { names: allNames, holders: allHolders });
}

/** Without a tag of a repository; what it meant stays in the repository. The same index when there is no such tag. */
export function untagInRepository(index: EditableIndex, { repository, tag }: RepositoryTag): EditableIndex {
  return moveTagAway(index, { repository, tag }, undefined);
}

/** Without a manifest in a repository, and without its tags there. Other repositories keep it. */
export function removeFromRepository(
  index: EditableIndex,
  repository: string,
  digest: Digest,
): EditableIndex {
  const descriptor = index.entries.find((entry) => entry.descriptor?.digest === digest)?.descriptor;
  if (descriptor === undefined) return index;
  const { names, holders } = holdingOf(index, digest);
  return withHolding(index, descriptor, {
    // A name that is no tag of any repository is a name of something in the layout's own.
    names: new Set(
      [...names].filter((name) => (readEntryName(name)?.repository ?? OWN_REPOSITORY) !== repository),
    ),
    holders: new Set([...holders].filter((holder) => holder !== repository)),
  });
}

/** Takes a tag from whatever has it, but for `keeper`. */
function moveTagAway(
  before: EditableIndex,
  { repository, tag }: RepositoryTag,
  keeper: Digest | undefined,
): EditableIndex {
  const name = entryName({ repository, tag });
  const tagged = before.entries.flatMap(({ refName, descriptor }) =>
    refName === name && descriptor !== undefined && descriptor.digest !== keeper ? [descriptor] : [],
  );
  return tagged.reduce((index, descriptor) => {
    const { names, holders } = holdingOf(index, descriptor.digest);
    const left = new Set([...names].filter((each) => each !== name));
    return withHolding(index, descriptor, {
      names: left,
      holders: isTaggedIn(left, repository) ? holders : new Set([...holders, repository]),
    });
  }, before);
}

function holdingOf(index: EditableIndex, digest: Digest): Holding {
  const entries = index.entries.filter((entry) => entry.descriptor?.digest === digest);
  return {
    names: new Set(entries.flatMap(({ refName }) => refName ?? [])),
    holders: new Set(entries.flatMap(holdersOf)),
  };
}

function isTaggedIn(names: ReadonlySet<string>, repository: string): boolean {
  return [...names].some((name) => readEntryName(name)?.repository === repository);
}

/** Entries are written so that a plain layout stays plain: the annotation only where a name does not say it already. */
function withHolding(index: EditableIndex, entry: Descriptor, { names, holders }: Holding): EditableIndex {
  const annotation = holdersAnnotation(holders);
  const [first, ...more] = [...names].map((refName) => ({ refName, annotations: {} }));
  if (first === undefined) {
    return holders.size === 0
      ? index.without(entry.digest)
      : index.withEntriesOf(entry, [
          {
            annotations: {
              [REPOSITORIES_ANNOTATION]: annotation === OWN_REPOSITORY ? undefined : annotation,
            },
          },
        ]);
  }
  return index.withEntriesOf(entry, [
    { ...first, annotations: { [REPOSITORIES_ANNOTATION]: annotation } },
    ...more.map((each) => ({ ...each, annotations: { [REPOSITORIES_ANNOTATION]: undefined } })),
  ]);
}
