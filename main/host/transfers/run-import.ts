import type { TransferResult } from '../../../shared/contract/transfers.ts';
import type { JobRunner, PreparedJob } from '../../transfers/job-runner.ts';
import { collectRoots } from '../archives/collect-roots.ts';
import { importArchive } from '../archives/import-archive.ts';
import { movedNotes } from '../archives/import-names.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { planCopy } from '../../content/plan-copy.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { emptyPlan } from './empty-plan.ts';
import type { LocalRequestOf } from './local-request.ts';
import { forgetUploads, openWriter } from './open-writer.ts';
import { planOfCopy } from './plan-of-copy.ts';

type ImportRequest = LocalRequestOf<'import'>;

/** Takes what an archive holds into a place. */
export function createImportRunner(targets: OpenTargets): JobRunner<ImportRequest> {
  const show = async (request: ImportRequest, signal: AbortSignal): Promise<PreparedJob['plan']> => {
    const layout = await openLayout(request.file, { signal });
    try {
      const { manifests, notes } = await collectRoots(layout.target, { signal });
      const writer = await openWriter(targets, request.target, signal);
      try {
        const plan = planOfCopy(
          await planCopy({
            from: layout.target,
            roots: manifests.map(({ descriptor }) => ({ reference: descriptor, tags: [] })),
            referrers: false,
            to: writer,
            signal,
          }),
        );
        return { ...plan, notes: [...notes, ...plan.notes] };
      } finally {
        await writer.close();
      }
    } finally {
      await layout.close();
    }
  };

  return {
    prepare: async (request, { signal, purpose }) => ({
      plan: purpose === 'show' ? await show(request, signal) : emptyPlan,

      async run({ signal: running, report }): Promise<TransferResult> {
        const writer = await openWriter(targets, request.target, running);
        try {
          const { roots, moved, sent, skipped, manifests, notes } = await importArchive(
            { archive: request.file, into: writer },
            { signal: running, report },
          );
          await writer.finish({ signal: running });
          const [root] = roots;
          const only = roots.length === 1 ? root?.descriptor : undefined;
          return {
            ...(only === undefined
              ? {}
              : { digest: only.digest, mediaType: only.mediaType, size: only.size }),
            tags: roots.flatMap(({ names }) => names),
            sent: sent.blobs,
            mounted: 0,
            present: skipped.blobs,
            kept: 0,
            failed: 0,
            manifests,
            bytesSent: sent.bytes,
            notes: [...movedNotes(moved), ...notes],
          };
        } finally {
          await writer.close();
        }
      },
    }),

    async forget(request, states, { signal }) {
      await forgetUploads(await openWriter(targets, request.target, signal), states, signal);
    },
  };
}
