import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { pause } from '../http/pause.ts';
import { inParallel } from '../manifests/in-parallel.ts';
import type { FallbackChange } from './fallback-index.ts';
import { updateFallbackTag, type FallbackPlace } from './fallback-tag.ts';
import type { SerialWork } from './serial-work.ts';

/** Keeps the referrers tags of one writer. */
export interface FallbackTags {
  /** See `updateFallbackTag`. The caller sees to it that it runs once at a time for each subject (`SerialWork`). */
  update(subject: Digest, change: FallbackChange, signal: AbortSignal): Promise<ErrorData | undefined>;
  /**
   * Looks once more whether what was written is still there, after others who read before it had the time to write: they
   * cannot see that they took it away, we can (distribution-spec, Referrers Tag Schema, note on races).
   */
  settle(signal: AbortSignal, subjectWork: SerialWork): Promise<void>;
}

/** Looks in the end at most so often, while others keep writing. */
const SETTLING_ROUNDS = 5;

/** Makes the keeper of one writer. */
export function createFallbackTags(place: FallbackPlace): FallbackTags {
  const wanted = new Map<Digest, { readonly add: Map<Digest, Descriptor>; readonly remove: Set<Digest> }>();
  let writes = 0;

  const remember = (subject: Digest, { add, remove }: FallbackChange): void => {
    const all = wanted.get(subject) ?? { add: new Map<Digest, Descriptor>(), remove: new Set<Digest>() };
    wanted.set(subject, all);
    for (const descriptor of add) {
      all.add.set(descriptor.digest, descriptor);
      all.remove.delete(descriptor.digest);
    }
    for (const digest of remove) {
      all.remove.add(digest);
      all.add.delete(digest);
    }
  };

  const write = (
    subject: Digest,
    change: FallbackChange,
    signal: AbortSignal,
  ): ReturnType<typeof updateFallbackTag> =>
    updateFallbackTag(place, subject, change, signal, () => (writes += 1));

  return {
    async update(subject, change, signal) {
      const note = await write(subject, change, signal);
      if (note === undefined) remember(subject, change);
      return note;
    },

    async settle(signal, subjectWork) {
      for (let round = 0; round < SETTLING_ROUNDS && wanted.size > 0 && writes > 0; round += 1) {
        writes = 0;
        await pause(place.timings.retryBase * (1 + Math.random()), signal);
        await inParallel([...wanted], signal, ([subject, { add, remove }]) =>
          subjectWork.run(subject, () => write(subject, { add: [...add.values()], remove }, signal)),
        );
      }
      wanted.clear();
    },
  };
}
