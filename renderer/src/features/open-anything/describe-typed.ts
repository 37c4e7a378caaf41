import { isVerifiableDigest } from '../../../../shared/oci/digest.ts';
import { parseReference } from '../../../../shared/oci/reference.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';

/** What a typed text looks like, before anybody was asked. */
export interface TypedPlace {
  /** "Repository", "Layout on disk", … */
  readonly what: string;
  /** The place in full: `docker.io/library/alpine` for `alpine`. */
  readonly full: string;
  /** What is wrong with it; it can be tried all the same. */
  readonly problem?: string;
  /** True when it cannot be a mere word to search for: then it comes first. */
  readonly explicit: boolean;
}

/** Says what a typed text means; undefined for an empty one. */
export function describeTyped(text: string): TypedPlace | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (isVerifiableDigest(typed))
    return { what: 'Digest in the place on screen', full: typed, explicit: true };
  if (/^(?:[/.~]|layout:|[A-Za-z]:[\\/])/.test(typed))
    return { what: 'Layout on disk', full: typed, explicit: true };
  const explicit = /[.:/@]/.test(typed) || typed === 'localhost';
  try {
    const { registry, repository, tag, digest } = parseReference(typed);
    const what =
      repository === undefined
        ? 'Registry'
        : tag === undefined && digest === undefined
          ? 'Repository'
          : 'Artifact';
    const place = repository === undefined ? registry : `${registry}/${repository}`;
    const full = `${place}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
    return { what, full, explicit };
  } catch (error) {
    return { what: 'Not a reference', full: typed, explicit, problem: toErrorData(error).message };
  }
}
