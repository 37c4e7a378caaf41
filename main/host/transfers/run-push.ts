import path from 'node:path';
import type { TransferItem, TransferResult } from '../../../shared/contract/transfers.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { planArtifact } from '../../artifacts/push/plan-artifact.ts';
import type { PushPlan } from '../../artifacts/push/plan-push.ts';
import { executePush } from '../../artifacts/push/execute-push.ts';
import type { Target } from '../../content/target.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import type { JobRunner, PreparedJob } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { LocalRequestOf } from './local-request.ts';
import { askingFirst, forgetUploads, openWriter } from './open-writer.ts';
import { PLAN_ITEMS_LIMIT, PLAN_LOOKS_AT_ONCE, PLAN_LOOKS_LIMIT } from './plan-limits.ts';

type PushRequest = LocalRequestOf<'push'> | LocalRequestOf<'attach'>;

const CREATED = 'org.opencontainers.image.created';

/** Sends files of this machine as an artifact, or attaches them to one. */
export function createPushRunner(targets: OpenTargets): JobRunner<PushRequest> {
  return {
    async prepare(request, { signal, purpose }) {
      const target = await targets.target(request.target, signal);
      const subject =
        request.kind === 'attach' ? await resolveSubject(target, request.subject, signal) : undefined;
      const plan = await planOf(request, subject, signal);
      try {
        const present =
          purpose === 'show' ? await findPresent(plan, targets, request, signal) : new Set<string>();
        return prepared(request, plan, present, targets, target.label);
      } catch (error) {
        await plan.close();
        throw error;
      }
    },

    async forget(request, states, { signal }) {
      await forgetUploads(await openWriter(targets, request.target, signal), states, signal);
    },
  };
}

async function resolveSubject(target: Target, subject: string, signal: AbortSignal): Promise<Descriptor> {
  const found = await target.resolve(subject, { signal });
  if (found !== undefined) return found;
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `${target.label} has no ${subject} to attach anything to.`,
    hint: 'Look at the place again: it may have been deleted meanwhile.',
  });
}

async function planOf(
  request: PushRequest,
  subject: Descriptor | undefined,
  signal: AbortSignal,
): Promise<PushPlan> {
  const { files, artifactType, annotations, imageSpec, created } = request;
  const isChart = request.kind === 'push' && request.form === 'chart';
  const config = isChart ? { mediaType: MEDIA_TYPES.helmConfig } : request.config;
  const manifestAnnotations = { ...(created === undefined ? {} : { [CREATED]: created }), ...annotations };
  return await planArtifact(
    {
      files: files.map(({ file, title = path.basename(file), mediaType, annotations: own }) => ({
        path: file,
        title,
        ...(mediaType === undefined ? {} : { mediaType }),
        ...(own === undefined ? {} : { annotations: own }),
      })),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(config === undefined
        ? {}
        : {
            config: {
              ...(config.file === undefined ? {} : { path: config.file }),
              ...(config.mediaType === undefined ? {} : { mediaType: config.mediaType }),
            },
          }),
      ...(imageSpec === undefined ? {} : { imageSpec }),
      annotations: { manifest: manifestAnnotations },
      ...(subject === undefined ? {} : { subject }),
    },
    { signal },
  );
}

/** Digests of the blobs that the place has. */
async function findPresent(
  plan: PushPlan,
  targets: OpenTargets,
  request: PushRequest,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const writer = await openWriter(targets, request.target, signal);
  const present = new Set<string>();
  try {
    const pool = createTaskPool(PLAN_LOOKS_AT_ONCE, signal);
    await Promise.all(
      plan.blobs.slice(0, PLAN_LOOKS_LIMIT).map(({ descriptor }) =>
        pool.run(async () => {
          if (await writer.hasBlob(descriptor, { signal })) present.add(descriptor.digest);
        }),
      ),
    );
  } finally {
    await writer.close();
  }
  return present;
}

function prepared(
  request: PushRequest,
  plan: PushPlan,
  present: ReadonlySet<string>,
  targets: OpenTargets,
  label: string,
): PreparedJob {
  const { manifest, blobs } = plan;
  const bytesPresent = blobs.reduce(
    (sum, { descriptor: { digest, size } }) => sum + (present.has(digest) ? size : 0),
    0,
  );
  const all = blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const items = blobs
    .slice(0, PLAN_ITEMS_LIMIT)
    .map(({ descriptor: { digest, size }, titles, role }): TransferItem => {
      const state = present.has(digest) ? 'present' : 'waiting';
      return {
        id: digest,
        name: titles[0] ?? role,
        digest,
        state,
        done: state === 'present' ? size : 0,
        size,
      };
    });
  return {
    plan: {
      from: '',
      to: label,
      items,
      itemCount: blobs.length,
      manifestCount: 1,
      bytes: all - bytesPresent,
      bytesPresent,
      manifest: {
        mediaType: manifest.mediaType,
        digest: manifest.descriptor.digest,
        size: manifest.descriptor.size,
        text: Buffer.from(manifest.bytes).toString('utf8'),
      },
      notes: [],
    },

    async run({ signal, report, again }): Promise<TransferResult> {
      const opened = await openWriter(targets, request.target, signal);
      const writer = again ? askingFirst(opened) : opened;
      try {
        const tags = request.kind === 'push' ? [...request.tags] : [];
        const {
          descriptor,
          sent,
          present: skipped,
          notes,
        } = await executePush(plan, writer, {
          signal,
          tags,
          report,
        });
        await writer.finish({ signal });
        return {
          digest: descriptor.digest,
          mediaType: descriptor.mediaType,
          size: descriptor.size,
          tags,
          sent: sent.blobs,
          mounted: 0,
          present: skipped.blobs,
          kept: 0,
          failed: 0,
          manifests: 1,
          bytesSent: sent.bytes,
          notes: [...notes],
        };
      } finally {
        await writer.close();
      }
    },

    close: () => plan.close(),
  };
}
