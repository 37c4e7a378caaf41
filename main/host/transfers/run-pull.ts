import type { TransferItem, TransferResult } from '../../../shared/contract/transfers.ts';
import { quoteText } from '../../../shared/display/display-text.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { executePull, type PulledItem } from '../../artifacts/pull/execute-pull.ts';
import { forgetPartials } from '../../artifacts/pull/pull-folder.ts';
import { planBlobPull, planPull, type PullPlan } from '../../artifacts/pull/plan-pull.ts';
import { pullRootfs } from '../../artifacts/rootfs/pull-rootfs.ts';
import type { Target } from '../../content/target.ts';
import type { JobContext, JobRunner, PreparedJob } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { emptyPlan } from './empty-plan.ts';
import type { LocalRequestOf } from './local-request.ts';
import { PLAN_ITEMS_LIMIT } from './plan-limits.ts';

type PullRequest = LocalRequestOf<'pull'>;

/** Entries of an image that are not in its tar, of which a result tells. */
const NOTES_LIMIT = 50;

/** Fetches the files of an artifact into a folder of this machine. */
export function createPullRunner(targets: OpenTargets): JobRunner<PullRequest> {
  return {
    async prepare(request, { signal }): Promise<PreparedJob> {
      const target = await targets.target(request.target, signal);
      if (request.part === 'rootfs')
        return { plan: emptyPlan, run: (context) => writeRootfs(request, target, context) };
      const plan = await planOf(request, target, signal);
      const { root, items, refused, totalBytes } = plan;
      return {
        plan: {
          ...emptyPlan,
          items: items
            .slice(0, PLAN_ITEMS_LIMIT)
            .map(({ descriptor: { digest, size }, name }): TransferItem => ({
              id: name,
              name,
              digest,
              state: 'waiting',
              done: 0,
              size,
            })),
          itemCount: items.length,
          bytes: totalBytes,
          notes: refused.map(({ error }) => error),
        },

        async run({ signal: running, report }): Promise<TransferResult> {
          const { existing, folder } = request;
          const { items: pulled, fetched } = await executePull(plan, target, folder, {
            existing,
            signal: running,
            report,
          });
          const count = (outcome: PulledItem['outcome']): number =>
            pulled.filter((item) => item.outcome === outcome).length;
          return {
            digest: root.digest,
            mediaType: root.mediaType,
            size: root.size,
            tags: [],
            sent: count('written'),
            mounted: 0,
            present: count('present'),
            kept: count('kept'),
            failed: count('failed'),
            manifests: 0,
            bytesSent: fetched,
            notes: [...refused, ...pulled].flatMap(({ error }) => (error === undefined ? [] : [error])),
          };
        },
      };
    },

    forget: ({ folder }, states) => forgetPartials(folder, states),
  };
}

/** Writes the file system of an image as one tar. */
async function writeRootfs(
  { reference, folder, existing, platform }: PullRequest,
  target: Target,
  { signal, report }: JobContext,
): Promise<TransferResult> {
  const { image, outcome, fetched, notes } = await pullRootfs(target, reference, folder, {
    signal,
    existing,
    ...(platform === undefined ? {} : { platform }),
    // Layers stay until the tar is there: that one is whole is no reason to forget where it lies.
    report: {
      ...report,
      onItem: ({ id, name, state, done, size }) => report.onItem({ id, name, state, done, size }),
    },
  });
  const kept = outcome === 'kept' ? 1 : 0;
  return {
    digest: image.digest,
    mediaType: image.mediaType,
    size: image.size,
    tags: [],
    sent: 1 - kept,
    mounted: 0,
    present: 0,
    kept,
    failed: 0,
    manifests: 0,
    bytesSent: fetched,
    notes: notes
      .slice(0, NOTES_LIMIT)
      .map(({ path, text }) => ({ code: 'UNSUPPORTED', message: `${quoteText(path)}: ${text}.` })),
  };
}

async function planOf(request: PullRequest, target: Target, signal: AbortSignal): Promise<PullPlan> {
  const { blob, reference, platform, only } = request;
  if (blob !== undefined) return planBlobPull({ ...blob, digest: parseDigest(blob.digest) }, blob.name);
  return await planPull(target, reference, {
    signal,
    ...(platform === undefined ? {} : { platform }),
    ...(only === undefined ? {} : { only: parseDigest(only) }),
  });
}
