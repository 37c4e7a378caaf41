import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import type { MountSource, TargetWriter } from '../../content/target-writer.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { readAbandonedState } from './resume-state.ts';
import { attempt } from './upload-attempts.ts';
import { SINGLE_POST_PROBE_BYTES } from './upload-limits.ts';
import type { UploadPlace } from './upload-place.ts';
import { cancelUpload, headBlob, openedUpload, postMount, type UploadSession } from './upload-requests.ts';
import { sendBlob } from './write-blob.ts';

/** Answers about blobs that are remembered, so that asking and writing cost one look together. */
const REMEMBERED_BLOBS = 10_000;

/** Uploads that are kept for blobs that could not be mounted. */
const SPARE_UPLOADS = 16;

/** Blobs in a row that were new, after which small ones are sent without asking. */
const LOOKS_BEFORE_GUESSING = 8;

/** The part of a writer that is about blobs. */
export interface BlobWriter
  extends
    Pick<TargetWriter, 'hasBlob' | 'writeBlob'>,
    Required<Pick<TargetWriter, 'mountBlob' | 'forgetUpload'>> {
  /** Cancels the uploads that nobody used. */
  close(): Promise<void>;
}

/** How a registry is called among places that share their blobs: see `MountSource`. */
export function mountPlace(host: string): string {
  return `registry:${host}`;
}

/** Makes the blob part of one repository's writer. */
export function createBlobWriter(place: UploadPlace): BlobWriter {
  const known = new Map<Digest, boolean>();
  const spare = new Map<Digest, UploadSession>();
  const looks = { found: 0, missed: 0 };
  const { client, repository } = place;

  const remember = (digest: Digest, isThere: boolean): boolean => {
    known.set(digest, isThere);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED_BLOBS && oldest !== undefined) known.delete(oldest);
    return isThere;
  };

  const has = async (digest: Digest, signal: AbortSignal): Promise<boolean> => {
    const before = known.get(digest);
    if (before !== undefined) return before;
    const found = await headBlob(place, { digest }, signal);
    looks[found ? 'found' : 'missed'] += 1;
    return remember(digest, found);
  };

  /**
   * Sending so little costs no more than asking before: where the blob goes along with the first request, or where everything
   * so far was new.
   */
  const mayGuess = ({ digest, size }: Descriptor): boolean => {
    if (size > SINGLE_POST_PROBE_BYTES || known.has(digest)) return false;
    return (
      place.habits.singlePost !== 'refused' || (looks.found === 0 && looks.missed >= LOOKS_BEFORE_GUESSING)
    );
  };

  const takeSpare = (digest: Digest): UploadSession | undefined => {
    const session = spare.get(digest);
    spare.delete(digest);
    return session;
  };

  /** The registry opened an upload instead of mounting: it is used when the blob is written. */
  const keepSpare = async (digest: Digest, answer: WholeAnswer): Promise<void> => {
    const session = openedUpload(answer, client.host);
    if (spare.size >= SPARE_UPLOADS || spare.has(digest)) await cancelUpload(place, session.location);
    else spare.set(digest, session);
  };

  return {
    async hasBlob({ digest }, { signal }) {
      verifiableAlgorithm(digest);
      // What was missing a moment ago is worth another look, what was there is not.
      if (known.get(digest) !== true) known.delete(digest);
      return has(digest, signal);
    },

    async writeBlob(descriptor, source, options) {
      const { digest } = descriptor;
      verifiableAlgorithm(digest);
      const session = takeSpare(digest);
      if (session === undefined && !mayGuess(descriptor) && (await has(digest, options.signal)))
        return { outcome: 'present', sent: 0 };
      known.delete(digest);
      const written = await sendBlob(place, descriptor, source, options, session);
      remember(digest, true);
      return written;
    },

    async mountBlob({ digest }, from: MountSource, { signal }) {
      verifiableAlgorithm(digest);
      if (from.place !== mountPlace(client.host) || !isRepositoryName(from.repository)) return false;
      if (from.repository === repository) return has(digest, signal);
      try {
        // A mount whose answer was lost and that is tried again mounts the same, or opens an upload too many.
        const first = await attempt(() => postMount(place, digest, from.repository, signal));
        const tried =
          first.kind === 'lost'
            ? await attempt(() => postMount(place, digest, from.repository, signal))
            : first;
        if (tried.kind !== 'answered') return false;
        if (tried.answer.status === 201) return remember(digest, true);
        if (tried.answer.status === 202) await keepSpare(digest, tried.answer);
      } catch (error) {
        if (isCancellation(error)) throw error;
        // No right to read there, or no such thing as mounting: the blob is sent then, and that says what is wrong.
      }
      return false;
    },

    async forgetUpload(state, { signal }) {
      const session = readAbandonedState(state, place);
      if (session !== undefined) await cancelUpload(place, session.location, signal);
    },

    async close() {
      const left = [...spare.values()];
      spare.clear();
      await Promise.all(left.map(({ location }) => cancelUpload(place, location)));
    },
  };
}
