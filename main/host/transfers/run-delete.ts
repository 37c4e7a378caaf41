import type { TransferPlan, TransferResult } from '../../../shared/contract/transfers.ts';
import { nodeTitle } from '../../../shared/display/node-title.ts';
import { recognise } from '../../artifacts/recognise.ts';
import type { DeletePlan, PlannedManifest } from '../../content/delete-plan.ts';
import { executeDelete } from '../../content/execute-delete.ts';
import { planDelete } from '../../content/plan-delete.ts';
import type { Recognition } from '../../content/recognition.ts';
import type { JobRunner } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { emptyPlan } from './empty-plan.ts';
import type { LocalRequestOf } from './local-request.ts';
import { openWriter } from './open-writer.ts';
import { PLAN_ITEMS_LIMIT } from './plan-limits.ts';

type Removal = NonNullable<TransferPlan['removal']>;

/** Deletes a manifest with every tag that it has, and what refers to it if that is wanted. */
export function createDeleteRunner(targets: OpenTargets): JobRunner<LocalRequestOf<'delete'>> {
  return {
    async prepare({ target: address, reference, referrers }, { signal, purpose }) {
      const target = await targets.target(address, signal);
      const plan = await planDelete(target, reference, { signal });
      const canUntag = purpose === 'show' && (await canTakeTagsAway(targets, address, signal));
      return {
        plan: {
          ...emptyPlan,
          manifestCount: referrers ? 1 + plan.referrers.length : 1,
          removal: removalOf(plan, canUntag),
          notes: [...plan.unseen],
        },

        async run({ signal: running, report }): Promise<TransferResult> {
          const writer = await openWriter(targets, address, running);
          try {
            const { removed, notes } = await executeDelete({
              plan,
              writer,
              referrers,
              signal: running,
              report,
            });
            await writer.finish({ signal: running });
            const { digest, mediaType, size } = plan.root.descriptor;
            return {
              digest,
              mediaType,
              size,
              tags: [...plan.root.tags],
              sent: 0,
              mounted: 0,
              present: 0,
              kept: 0,
              failed: 0,
              manifests: removed.length,
              bytesSent: 0,
              notes: [...notes],
            };
          } finally {
            await writer.close();
          }
        },
      };
    },

    forget: () => Promise.resolve(),
  };
}

async function canTakeTagsAway(
  targets: OpenTargets,
  address: LocalRequestOf<'delete'>['target'],
  signal: AbortSignal,
): Promise<boolean> {
  const writer = await openWriter(targets, address, signal);
  try {
    return writer.untag !== undefined;
  } finally {
    await writer.close();
  }
}

function removalOf({ root, referrers, indexes }: DeletePlan, canUntag: boolean): Removal {
  return {
    digest: root.descriptor.digest,
    tags: [...root.tags],
    referrers: referrers.slice(0, PLAN_ITEMS_LIMIT).map(named),
    indexes: indexes.slice(0, PLAN_ITEMS_LIMIT).map(named),
    canUntag,
  };
}

function named({ descriptor, parsed, tags }: PlannedManifest): Removal['referrers'][number] {
  const { digest, mediaType, artifactType, annotations, platform } = descriptor;
  const { kind, predicateType }: Recognition = parsed === undefined ? { kind: 'other' } : recognise(parsed);
  const title = nodeTitle({ kind, mediaType, artifactType, annotations, platform, predicateType });
  return { digest, kind, title, tags: [...tags] };
}
