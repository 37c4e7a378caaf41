import { quoteText } from '../../../shared/display/display-text.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import type { TargetOptions } from '../../content/target.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { ForeignFallback } from '../../layout/adopt-fallbacks.ts';
import { LayoutTargetWriter } from '../../layout/layout-target-writer.ts';
import { checkRefName } from '../../layout/ref-name.ts';
import type { MovedName } from '../../layout/repositories/name-content.ts';
import type { LayoutRoot } from './collect-roots.ts';

/**
 * The names that roots can have at the destination: a layout takes them as they are, a repository the tag of `repository:tag`.
 * What cannot be a name there is noted; the content comes without it.
 */
export function namesAt(
  writer: TargetWriter,
  roots: readonly LayoutRoot[],
): { readonly roots: readonly LayoutRoot[]; readonly notes: readonly ErrorData[] } {
  const notes: ErrorData[] = [];
  const digestByName = new Map<string, Digest>();
  const named = roots.map(({ descriptor, names }) => {
    const kept = names.flatMap((name) => {
      const own = writer instanceof LayoutTargetWriter ? refName(name) : tagOf(name);
      if (own === undefined) {
        notes.push(noName(name, descriptor.digest));
        return [];
      }
      const first = digestByName.get(own) ?? descriptor.digest;
      digestByName.set(own, first);
      if (first === descriptor.digest) return [own];
      notes.push(sameTag(name, own, first));
      return [];
    });
    return { descriptor, names: [...new Set(kept)] };
  });
  return { roots: named, notes };
}

export interface RootsToName {
  readonly roots: readonly LayoutRoot[];
  /** What the layout listed before the import. */
  readonly known: ReadonlySet<Digest>;
  readonly fallbacks: readonly ForeignFallback[];
}

/** What a layout lists now; nothing of other places, where nobody asks. */
export async function listedBefore(
  writer: TargetWriter,
  options: TargetOptions,
): Promise<ReadonlySet<Digest>> {
  const digests = new Set<Digest>();
  if (!(writer instanceof LayoutTargetWriter)) return digests;
  for await (const page of writer.target.listEntries?.(options) ?? [])
    for (const { descriptor } of page) if (descriptor !== undefined) digests.add(descriptor.digest);
  return digests;
}

/**
 * Names content that is at the destination; in a layout all of it becomes visible in one step.
 */
export async function nameImported(
  writer: TargetWriter,
  { roots, known, fallbacks }: RootsToName,
  options: TargetOptions,
): Promise<readonly MovedName[]> {
  if (writer instanceof LayoutTargetWriter) {
    const contents = roots.map(({ descriptor: { mediaType, digest, size }, names }) => ({
      entry: { mediaType, digest, size },
      names,
      isNew: !known.has(digest),
    }));
    return writer.nameAll({ contents, fallbacks }, options);
  }
  const moved: MovedName[] = [];
  for (const { descriptor, names } of roots) {
    for (const name of names) {
      const before = await writer.target.resolve(name, options);
      if (before?.digest === descriptor.digest) continue;
      await writer.tag(name, descriptor, options);
      if (before !== undefined) moved.push({ name, before: before.digest, after: descriptor.digest });
    }
  }
  return moved;
}

/** Names that moved, for a person. */
export function movedNotes(moved: readonly MovedName[]): readonly ErrorData[] {
  return moved.map(({ name, before, after }) => ({
    code: 'CONFLICT',
    message: `The name ${quoteText(name)} was that of ${before} and is that of ${after} now.`,
    hint: 'What had it before is still there, by its digest.',
    details: { name, before, after },
  }));
}

function refName(name: string): string | undefined {
  try {
    checkRefName(name);
    return name;
  } catch {
    return undefined;
  }
}

function tagOf(name: string): string | undefined {
  const tag = name.slice(name.lastIndexOf(':') + 1);
  return isTag(tag) ? tag : undefined;
}

function noName(name: string, digest: Digest): ErrorData {
  return {
    code: 'INVALID_INPUT',
    message: `${quoteText(name)} can be no name here: ${digest} came without it.`,
    hint: 'Give it another name, if it needs one.',
    details: { digest },
  };
}

function sameTag(name: string, tag: string, first: Digest): ErrorData {
  return {
    code: 'AMBIGUOUS',
    message: `The tag ${tag} of ${quoteText(name)} names ${first} already: this image came without a tag.`,
    hint: 'Give it a tag of its own.',
    details: { tag },
  };
}
