import type { TransferResult } from '../../../shared/contract/transfers.ts';
import { planCopy } from '../../content/plan-copy.ts';
import type { JobRunner } from '../../transfers/job-runner.ts';
import { exportArtifact } from '../archives/export-artifact.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { emptyPlan } from './empty-plan.ts';
import type { LocalRequestOf } from './local-request.ts';
import { planOfCopy } from './plan-of-copy.ts';

/** Writes an artifact into one archive on this machine. The person chose its name knowing what is there: it is replaced. */
export function createExportRunner(targets: OpenTargets): JobRunner<LocalRequestOf<'export'>> {
  return {
    async prepare(request, { signal, purpose }) {
      const { reference, target } = request.from;
      const from = await targets.target(target, signal);
      const { referrers, platform, file } = request;
      const platforms = platform === undefined ? {} : { platforms: [platform] };
      const roots = [{ reference, tags: [] }];
      return {
        plan:
          purpose === 'show'
            ? planOfCopy(await planCopy({ from, roots, referrers, ...platforms, signal }))
            : emptyPlan,

        async run({ signal: running, report }): Promise<TransferResult> {
          const { root, names, sent, skipped, manifests, notes } = await exportArtifact(
            {
              from,
              reference,
              destination: file,
              referrers,
              ...(platform === undefined ? {} : { platform }),
              // What docker and containerd call it: the place that it came from.
              ...(target.repository === undefined ? {} : { repository: from.label }),
              overwrite: true,
            },
            { signal: running, report },
          );
          return {
            digest: root.digest,
            mediaType: root.mediaType,
            size: root.size,
            tags: [...names],
            sent: sent.blobs,
            mounted: 0,
            present: skipped.blobs,
            kept: 0,
            failed: 0,
            manifests,
            bytesSent: sent.bytes,
            notes: [...notes],
          };
        },
      };
    },

    // An archive that is not whole is not there.
    forget: () => Promise.resolve(),
  };
}
