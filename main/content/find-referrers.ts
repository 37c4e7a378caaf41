import type { GraphLookup } from '../../shared/contract/graph.ts';
import { isCancellation, TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { isIndexMediaType } from '../../shared/oci/media-types.ts';
import { cosignTag, referrersTag } from '../../shared/oci/referrers-tag.ts';
import { isTag } from '../../shared/oci/tag.ts';
import type { TagLookup } from './tag-lookup.ts';
import type { FetchedManifest, ReferrersSourceName, Target } from './target.ts';

/** What one source says refers to a subject. */
export type FoundReferrers =
  /** Manifests that claim the subject; true once their own `subject` was read. */
  | { readonly via: ReferrersSourceName | 'fallback-tag'; readonly claimed: readonly Descriptor[] }
  /** What lies under a tag that names the subject: the tag is the link. */
  | { readonly via: 'cosign-tag'; readonly named: readonly Descriptor[]; readonly tag: string }
  | { readonly via: 'cosign-tag'; readonly fetched: FetchedManifest; readonly tag: string };

export interface FindReferrersOptions {
  readonly target: Target;
  readonly subject: Digest;
  readonly tags: Pick<TagLookup, 'find'>;
  readonly signal: AbortSignal;
  /** Runs one question among all others to the place. */
  readonly run: <Result>(task: () => Promise<Result>) => Promise<Result>;
  readonly onFound: (found: FoundReferrers) => void;
  /** A source that cannot answer, or could not be asked. "None" is silent. */
  readonly onLookup: (lookup: GraphLookup) => void;
}

const COSIGN_SUFFIXES = ['sig', 'att', 'sbom'] as const;

/**
 * Asks every source of a place what refers to a subject, all at once: the place itself, the fallback tag (also where there
 * is a referrers API: notation writes the tag by default), and cosign's tags. BuildKit attestations are named by their index.
 * Rejects only when cancelled.
 */
export async function findReferrers(options: FindReferrersOptions): Promise<void> {
  await Promise.all([
    askPlace(options),
    askFallbackTag(options),
    ...COSIGN_SUFFIXES.map((suffix) => askCosignTag(options, cosignTag(options.subject, suffix))),
  ]);
}

async function askPlace({
  target,
  subject,
  signal,
  run,
  onFound,
  onLookup,
}: FindReferrersOptions): Promise<void> {
  const source = target.referrers;
  if (source === undefined) return;
  try {
    const answer = await run(() => source.list(subject, { signal }));
    if (answer.outcome === 'unsupported') {
      onLookup({ subject, source: source.name, outcome: 'unsupported', reason: answer.reason });
      return;
    }
    onFound({ via: source.name, claimed: answer.referrers });
    const [failure, ...more] = answer.failures ?? [];
    if (failure === undefined) return;
    const message =
      more.length === 0 ? failure.message : `${failure.message} Nor could ${more.length} more be looked at.`;
    onLookup({ subject, source: source.name, outcome: 'failed', error: { ...failure, message } });
  } catch (error) {
    onLookup(failedLookup(subject, source.name, error));
  }
}

async function askFallbackTag(options: FindReferrersOptions): Promise<void> {
  const { target, subject, tags, signal, run, onFound, onLookup } = options;
  const tag = referrersTag(subject);
  if (!isTag(tag)) return;
  const readIndex = async (reference: string | Descriptor): Promise<void> => {
    const fetched = await run(() => target.fetchManifest(reference, { signal }));
    // GitLab answered with the subject itself (oras-go#1396); what is no index says nothing about referrers.
    if (fetched.descriptor.digest === subject || !isIndexMediaType(fetched.descriptor.mediaType)) return;
    const index = parseManifest(fetched.bytes, fetched.descriptor.mediaType);
    if (index.form === 'index') onFound({ via: 'fallback-tag', claimed: index.manifests });
  };
  try {
    const knowledge = await tags.find(tag);
    if (knowledge.known === 'absent') return;
    if (knowledge.known === 'unknown' || knowledge.descriptors.length === 0) {
      await readIndex(tag);
      return;
    }
    for (const descriptor of knowledge.descriptors) {
      if (descriptor.digest !== subject && isIndexMediaType(descriptor.mediaType))
        await readIndex(descriptor);
    }
  } catch (error) {
    if (!isAbsence(error)) onLookup(failedLookup(subject, 'fallback-tag', error));
  }
}

async function askCosignTag(options: FindReferrersOptions, tag: string): Promise<void> {
  const { target, subject, tags, signal, run, onFound, onLookup } = options;
  if (!isTag(tag)) return;
  try {
    const knowledge = await tags.find(tag);
    if (knowledge.known === 'absent') return;
    if (knowledge.known === 'present' && knowledge.descriptors.length > 0) {
      onFound({ via: 'cosign-tag', named: knowledge.descriptors, tag });
      return;
    }
    const fetched = await run(() => target.fetchManifest(tag, { signal }));
    onFound({ via: 'cosign-tag', fetched, tag });
  } catch (error) {
    if (!isAbsence(error)) onLookup(failedLookup(subject, 'cosign-tag', error));
  }
}

/** A tag that is not there is the plain answer "none"; a place that names content and lacks it is a failure. */
function isAbsence(error: unknown): boolean {
  return error instanceof TallymanError && error.code === 'NOT_FOUND';
}

function failedLookup(subject: Digest, source: GraphLookup['source'], error: unknown): GraphLookup {
  if (isCancellation(error)) throw error;
  return { subject, source, outcome: 'failed', error: toErrorData(error) };
}
