import { readdir } from 'node:fs/promises';
import type { TransferResult } from '../../../shared/contract/transfers.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import { copyGraph } from '../../content/copy-graph.ts';
import type { CopySelection } from '../../content/copy-options.ts';
import { planCopy } from '../../content/plan-copy.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import { LayoutTargetWriter } from '../../layout/layout-target-writer.ts';
import { createLayout } from '../../layout/write-layout.ts';
import type { JobRunner, PreparedJob } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { LocalRequestOf } from './local-request.ts';
import { emptyPlan } from './empty-plan.ts';
import { askingFirst, forgetUploads, openWriter } from './open-writer.ts';
import { planOfCopy } from './plan-of-copy.ts';

type CopyRequest = LocalRequestOf<'copy'>;

/** Carries an artifact, with what it consists of and what refers to it, from one place to another. */
export function createCopyRunner(targets: OpenTargets): JobRunner<CopyRequest> {
  const writerOf = async ({ to }: CopyRequest, signal: AbortSignal): Promise<TargetWriter> =>
    'layout' in to
      ? new LayoutTargetWriter(await createLayout(to.layout, { signal }))
      : await openWriter(targets, to.target, signal);

  return {
    async prepare(request, { signal, purpose }): Promise<PreparedJob> {
      const from = await targets.target(request.from.target, signal);
      const tags = request.tags ?? (isDigest(request.from.reference) ? [] : [request.from.reference]);
      const selection: Omit<CopySelection, 'signal'> = {
        from,
        roots: [{ reference: request.from.reference, tags }],
        referrers: request.referrers,
        ...(request.platforms === undefined ? {} : { platforms: request.platforms }),
      };
      const to =
        'layout' in request.to ? request.to.layout : (await targets.target(request.to.target, signal)).label;

      return {
        plan:
          purpose === 'show'
            ? { ...(await show(selection, request, signal)), from: from.label, to }
            : { ...emptyPlan, from: from.label, to },

        async run({ signal: running, report, again }): Promise<TransferResult> {
          const opened = await writerOf(request, running);
          const writer = again ? askingFirst(opened) : opened;
          try {
            const result = await copyGraph({ ...selection, to: writer, signal: running, report });
            await writer.finish({ signal: running });
            const [root] = result.roots;
            return {
              ...(root === undefined
                ? {}
                : { digest: root.digest, mediaType: root.mediaType, size: root.size }),
              tags: [...tags, ...result.companionTags],
              sent: result.sent.blobs,
              mounted: result.mounted.blobs,
              present: result.skipped.blobs,
              kept: 0,
              failed: 0,
              manifests: result.manifests,
              bytesSent: result.sent.bytes,
              notes: [...result.notes],
            };
          } finally {
            await writer.close();
          }
        },
      };
    },

    async forget(request, states, { signal }) {
      await forgetUploads(await writerOf(request, signal), states, signal);
    },
  };

  async function show(
    selection: Omit<CopySelection, 'signal'>,
    request: CopyRequest,
    signal: AbortSignal,
  ): Promise<PreparedJob['plan']> {
    // A plan writes nothing: a layout that is not there yet has nothing, and is not made to be asked.
    if ('layout' in request.to && !(await isThere(request.to.layout)))
      return planOfCopy(await planCopy({ ...selection, signal }));
    const writer = await writerOf(request, signal);
    try {
      return planOfCopy(await planCopy({ ...selection, signal, to: writer }));
    } finally {
      await writer.close();
    }
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length > 0;
}
