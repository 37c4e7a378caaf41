import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import type { CarriedItem, TransferReport } from '../../content/transfer-report.ts';
import { LARGE_TRANSFER_CONCURRENCY, SMALL_TRANSFER_CONCURRENCY, SMALL_TRANSFER_LIMIT } from '../limits.ts';
import type { PlannedBlob, PushPlan } from './plan-push.ts';

export interface ExecutePushOptions {
  readonly signal: AbortSignal;
  /** Names that the manifest gets at the end; those of the plan when absent. */
  readonly tags?: readonly string[];
  /** Told bytes that the place has so far, of `plan.totalBytes`. */
  readonly onProgress?: (written: number) => void;
  /** Told of every blob, and asked where an earlier run stopped. */
  readonly report?: TransferReport;
}

export interface BlobCount {
  readonly blobs: number;
  readonly bytes: number;
}

export interface PushOutcome {
  /** Of the manifest, as it is in the place. */
  readonly descriptor: Descriptor;
  /** Blobs that were sent; bytes are those on the line, those that had to be sent again included. */
  readonly sent: BlobCount;
  /** Blobs that were there already. */
  readonly present: BlobCount;
  /** What the person should know. */
  readonly notes: readonly ErrorData[];
}

/**
 * Writes a plan: blobs first, many small and few large ones at once, then the manifest, then its tags. When anything fails or the
 * signal aborts, no manifest is written and nothing is tagged; what was stored by then is found there by the next attempt.
 * @throws TallymanError what the place or a file refuses; see `TargetWriter`.
 */
export async function executePush(
  plan: PushPlan,
  writer: TargetWriter,
  { signal, tags = plan.tags, onProgress, report }: ExecutePushOptions,
): Promise<PushOutcome> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const small = createTaskPool(SMALL_TRANSFER_CONCURRENCY, either);
  const large = createTaskPool(LARGE_TRANSFER_CONCURRENCY, either);
  const counts = { sent: { blobs: 0, bytes: 0 }, present: { blobs: 0, bytes: 0 } };
  let written = 0;

  const write = async (blob: PlannedBlob): Promise<void> => {
    const { descriptor, source } = blob;
    const { digest, size } = descriptor;
    let ofThis = 0;
    const reach = (bytes: number, state: CarriedItem['state']): void => {
      written += bytes - ofThis;
      ofThis = bytes;
      onProgress?.(written);
      report?.onItem?.({ ...itemOf(blob), state, done: bytes });
    };
    const resume = report?.resumeOf?.(digest);
    const { onResumable } = report ?? {};
    try {
      const { outcome, sent } = await writer.writeBlob(descriptor, source, {
        signal: either,
        onProgress: (bytes) => reach(bytes, 'running'),
        ...(resume === undefined ? {} : { resume }),
        ...(onResumable === undefined ? {} : { onResumable: (state) => onResumable(digest, state) }),
      });
      const count = outcome === 'present' ? counts.present : counts.sent;
      count.blobs += 1;
      count.bytes += outcome === 'present' ? size : sent;
      reach(size, outcome === 'present' ? 'present' : 'done');
    } catch (error) {
      if (!isCancellation(error))
        report?.onItem?.({ ...itemOf(blob), state: 'failed', done: ofThis, error: toErrorData(error) });
      throw error;
    }
  };

  for (const blob of plan.blobs) report?.onItem?.(itemOf(blob));
  let failure: { readonly error: unknown } | undefined;
  await Promise.allSettled(
    plan.blobs.map((blob) =>
      (blob.descriptor.size > SMALL_TRANSFER_LIMIT ? large : small)
        .run(() => write(blob))
        .catch((error: unknown) => {
          failure ??= { error };
          stop.abort();
        }),
    ),
  );
  signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;

  const { bytes, mediaType } = plan.manifest;
  const { descriptors, notes } = await writer.writeManifests([{ bytes, mediaType, tags }], { signal });
  const [descriptor] = descriptors;
  if (descriptor === undefined)
    throw new TallymanError({
      code: 'INTERNAL',
      message: 'The place told nothing of the manifest it stored.',
    });
  onProgress?.(plan.totalBytes);
  return { descriptor, notes, ...counts };
}

function itemOf({ descriptor, titles, role }: PlannedBlob): CarriedItem {
  const { digest, size } = descriptor;
  return { id: digest, name: titles[0] ?? role, digest, state: 'waiting', done: 0, size };
}
