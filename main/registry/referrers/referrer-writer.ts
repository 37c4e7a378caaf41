import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import { inParallel } from '../manifests/in-parallel.ts';
import { putManifest, type PushedManifest, type PushPlace } from '../manifests/push-manifest.ts';
import type { FallbackTags } from './fallback-tags.ts';
import type { ListedReferrer } from './listed-referrer.ts';
import type { SerialWork } from './serial-work.ts';

/** A manifest with a subject, ready to be pushed. */
export interface PushedReferrer extends PushedManifest, ListedReferrer {}

/** What writing referrers needs. */
export interface ReferrerWriterParts extends PushPlace {
  readonly target: Target;
  readonly fallbackTags: FallbackTags;
  readonly subjectWork: SerialWork;
}

export interface WriteReferrersOptions extends TargetOptions {
  /** See `WriteManifestsOptions`. */
  readonly onStored: ((digest: Digest) => void) | undefined;
}

/** Stores manifests that have a subject, so that they are found from it; answers what the person should know. */
export type WriteReferrers = (
  referrers: readonly PushedReferrer[],
  options: WriteReferrersOptions,
) => Promise<readonly ErrorData[]>;

/**
 * Makes the writer of what refers to something. Where the registry does not say that it keeps the list (`OCI-Subject`), the
 * list under the referrers tag is kept here, once for all referrers of a subject. Where it says so, that is believed after it
 * was seen once; several at a time are looked up each time, since some registries lose all but one of them (olareg 0.1).
 */
export function createReferrerWriter(parts: ReferrerWriterParts): WriteReferrers {
  const { target, fallbackTags, subjectWork } = parts;
  let isTrusted = false;

  /** Those of the list that the registry does not show, and whether it shows a list at all. */
  const missing = async (
    subject: Digest,
    pushed: readonly PushedReferrer[],
    signal: AbortSignal,
  ): Promise<readonly PushedReferrer[] | 'no-list'> => {
    const answer = await target.referrers?.list(subject, { signal });
    if (answer?.outcome !== 'listed') return 'no-list';
    const listed = new Set(answer.referrers.map(({ digest }) => digest));
    return pushed.filter(({ descriptor }) => !listed.has(descriptor.digest));
  };

  const writeGroup = async (
    subject: Digest,
    group: readonly PushedReferrer[],
    { signal, onStored }: WriteReferrersOptions,
  ): Promise<ErrorData | undefined> => {
    const put = async (referrer: PushedReferrer): ReturnType<typeof putManifest> => {
      const answer = await putManifest(parts, referrer, referrer.descriptor.digest, { signal });
      onStored?.(referrer.descriptor.digest);
      return answer;
    };
    const answers = await inParallel(group, signal, put);
    const handled = group.filter((_referrer, index) => answers[index]?.handlesSubject === true);
    let ours: readonly PushedReferrer[] = group.filter(
      (_referrer, index) => answers[index]?.handlesSubject !== true,
    );
    if (handled.length > 1 || (handled.length === 1 && !isTrusted)) {
      let lost = await missing(subject, handled, signal);
      if (lost === 'no-list') {
        ours = group;
      } else if (lost.length > 0) {
        for (const referrer of lost) await put(referrer);
        lost = await missing(subject, handled, signal);
        if (lost !== 'no-list' && lost.length > 0) return unlisted(parts, subject, lost);
      }
      isTrusted = true;
    }
    if (ours.length === 0) return undefined;
    const change = { add: ours.map(({ entry }) => entry), remove: new Set<Digest>() };
    return fallbackTags.update(subject, change, signal);
  };

  return async (referrers, options) => {
    const groups = [...bySubject(referrers)];
    const notes = await inParallel(groups, options.signal, ([subject, group]) =>
      subjectWork.run(subject, () => writeGroup(subject, group, options)),
    );
    return notes.filter((note) => note !== undefined);
  };
}

function bySubject(referrers: readonly PushedReferrer[]): Map<Digest, PushedReferrer[]> {
  const groups = new Map<Digest, PushedReferrer[]>();
  for (const referrer of referrers) {
    const { digest } = referrer.subject;
    const group = groups.get(digest);
    if (group === undefined) groups.set(digest, [referrer]);
    else group.push(referrer);
  }
  return groups;
}

function unlisted(
  { client, repository }: PushPlace,
  subject: Digest,
  lost: readonly PushedReferrer[],
): ErrorData {
  return {
    code: 'PROTOCOL',
    message: `${client.host}/${repository} took what refers to ${subject} and does not list ${lost.length} of it.`,
    hint: 'It is stored and can be read by its digest. Look again in a while; if it stays so, ask whoever runs the registry.',
    details: { digest: lost[0]?.descriptor.digest ?? '' },
  };
}
