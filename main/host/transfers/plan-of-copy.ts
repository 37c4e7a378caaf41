import type { TransferItem } from '../../../shared/contract/transfers.ts';
import type { CopyPlan } from '../../content/copy-options.ts';
import type { PreparedJob } from '../../transfers/job-runner.ts';
import { emptyPlan } from './empty-plan.ts';
import { PLAN_ITEMS_LIMIT } from './plan-limits.ts';

/** A copy as it is shown before it begins. */
export function planOfCopy({
  blobs,
  manifests,
  manifestBytes,
  present,
  toSend,
  mountable,
  notes,
}: CopyPlan): PreparedJob['plan'] {
  const items = blobs
    .slice(0, PLAN_ITEMS_LIMIT)
    .map(({ descriptor: { digest, size, annotations }, state }): TransferItem => {
      const there = state === 'present';
      return {
        id: digest,
        name: annotations?.['org.opencontainers.image.title'] ?? digest,
        digest,
        state: there ? 'present' : state === 'mountable' ? 'mounted' : 'waiting',
        done: there ? size : 0,
        size,
      };
    });
  return {
    ...emptyPlan,
    items,
    itemCount: blobs.length,
    manifestCount: manifests,
    bytes: toSend.bytes + manifestBytes,
    bytesPresent: present.bytes + mountable.bytes,
    notes: [...notes],
  };
}
