import { TallymanError, toErrorData, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isIndexMediaType, isManifestMediaType } from '../../../shared/oci/media-types.ts';
import { parseCompanionTag, referrersTag } from '../../../shared/oci/referrers-tag.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import type { ForeignFallback } from '../../layout/adopt-fallbacks.ts';

/** Something that a layout lists. */
export interface LayoutRoot {
  readonly descriptor: Descriptor;
  readonly names: readonly string[];
}

/** Everything that a layout lists. */
export interface LayoutRoots {
  readonly manifests: readonly LayoutRoot[];
  /** Entries that are no manifests: a layout may list anything (image-spec image-layout.md, index.json). */
  readonly others: readonly LayoutRoot[];
  /** Indexes of referrers, under the tags of their subjects. */
  readonly fallbacks: readonly ForeignFallback[];
  readonly notes: readonly ErrorData[];
}

/**
 * What `index.json` lists, each digest once. What indexes of referrers list is there as well, so that whoever stores it can make
 * such indexes anew.
 * @throws TallymanError what is wrong with a malformed entry: nobody could say what would be lost.
 */
export async function collectRoots(target: Target, options: TargetOptions): Promise<LayoutRoots> {
  const roots = new Map<Digest, { readonly descriptor: Descriptor; readonly names: string[] }>();
  const notes: ErrorData[] = [];
  const fallbacks: ForeignFallback[] = [];
  const digestByName = new Map<string, Digest>();
  const add = (descriptor: Descriptor, name?: string): void => {
    const root = roots.get(descriptor.digest) ?? { descriptor, names: [] };
    roots.set(descriptor.digest, root);
    if (name === undefined || root.names.includes(name)) return;
    const first = digestByName.get(name) ?? descriptor.digest;
    digestByName.set(name, first);
    if (first === descriptor.digest) root.names.push(name);
    else notes.push(nameOfTwo(name, first, descriptor.digest));
  };

  for await (const page of target.listEntries?.(options) ?? []) {
    for (const { tag, descriptor, problems } of page) {
      if (descriptor === undefined)
        throw new TallymanError(problems?.[0] ?? { code: 'MALFORMED', message: 'An entry is malformed.' });
      const referrers =
        tag === undefined ? undefined : await referrersListedBy(target, descriptor, tag, options);
      if (tag === undefined || referrers === undefined) {
        add(descriptor, tag);
        continue;
      }
      fallbacks.push({ tag, descriptor, referrers: referrers.map(({ digest }) => digest) });
      for (const referrer of referrers) add(referrer);
    }
  }
  const all = [...roots.values()];
  const isManifest = ({ descriptor }: LayoutRoot): boolean => isManifestMediaType(descriptor.mediaType);
  return {
    manifests: all.filter(isManifest),
    others: all.filter((root) => !isManifest(root)),
    fallbacks,
    notes,
  };
}

/** What an index of referrers lists and the layout holds; undefined for anything else. */
async function referrersListedBy(
  target: Target,
  descriptor: Descriptor,
  tag: string,
  options: TargetOptions,
): Promise<readonly Descriptor[] | undefined> {
  const mayBe = parseCompanionTag(tag)?.form === 'fallback' && isIndexMediaType(descriptor.mediaType);
  if (!mayBe) return undefined;
  const { bytes } = await target.fetchManifest(descriptor.digest, options);
  const parsed = parseManifest(bytes, descriptor.mediaType);
  if (parsed.form !== 'index' || parsed.subject !== undefined) return undefined;
  const listed: Descriptor[] = [];
  for (const child of parsed.manifests) {
    if (!isManifestMediaType(child.mediaType)) return undefined;
    const subject = await subjectOf(target, child, options);
    if (subject === 'absent') continue; // removed without its line in the list
    if (subject === undefined || referrersTag(subject) !== tag) return undefined;
    listed.push(child);
  }
  return listed;
}

async function subjectOf(
  target: Target,
  { digest, mediaType }: Descriptor,
  options: TargetOptions,
): Promise<Digest | 'absent' | undefined> {
  try {
    const { bytes } = await target.fetchManifest(digest, options);
    return parseManifest(bytes, mediaType).subject?.digest;
  } catch (error) {
    const { code } = toErrorData(error);
    if (code === 'NOT_FOUND' || code === 'MISSING') return 'absent';
    throw error;
  }
}

function nameOfTwo(name: string, first: Digest, second: Digest): ErrorData {
  return {
    code: 'AMBIGUOUS',
    message: `The name ${name} stands for ${first} and for ${second}: it goes to the first, and the second has none.`,
    hint: 'Give the second a name of its own.',
    details: { name, first, second },
  };
}
