import { TallymanError, toErrorData, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { DeletePlan, PlannedManifest } from './delete-plan.ts';
import type { TargetWriter } from './target-writer.ts';
import type { CarriedItem, TransferReport } from './transfer-report.ts';

export interface ExecuteDeleteOptions {
  readonly plan: DeletePlan;
  /** Of the place that the plan is about. The caller finishes and closes it. */
  readonly writer: TargetWriter;
  /** Deletes what refers to it as well; otherwise that stays, without a subject. */
  readonly referrers: boolean;
  readonly signal: AbortSignal;
  readonly report?: TransferReport;
}

export interface DeleteResult {
  /** In the order in which they went; what somebody else had deleted meanwhile is left out. */
  readonly removed: readonly Descriptor[];
  readonly notes: readonly ErrorData[];
}

/**
 * Deletes what was planned: referrers before what they refer to, the manifest itself last, so that whatever stops it in between
 * leaves nothing that refers to nothing. The tag that was asked for is looked up again before (bar, B8).
 *
 * @throws TallymanError CONFLICT when the tag means something else by now; UNSUPPORTED or DENIED when the place does not
 * delete; the message says what was deleted before.
 */
export async function executeDelete(options: ExecuteDeleteOptions): Promise<DeleteResult> {
  const { plan, writer, referrers, signal, report } = options;
  const { root, tag } = plan;
  if (tag !== undefined) await checkTag(writer, tag, root.descriptor, signal);
  const doomed: readonly PlannedManifest[] = referrers ? [...plan.referrers, root] : [root];
  for (const manifest of doomed) report?.onItem?.(itemOf(manifest, 'waiting'));
  const removed: Descriptor[] = [];
  const notes: ErrorData[] = [];
  for (const manifest of doomed) {
    const { descriptor } = manifest;
    report?.onItem?.(itemOf(manifest, 'running'));
    try {
      notes.push(...(await remove(writer, descriptor, signal)));
      removed.push(descriptor);
      report?.onItem?.(itemOf(manifest, 'done'));
    } catch (error) {
      const isGone = error instanceof TallymanError && error.code === 'NOT_FOUND';
      report?.onItem?.(itemOf(manifest, isGone ? 'done' : 'failed', isGone ? undefined : error));
      if (isGone && descriptor !== root.descriptor) continue;
      throw removed.length === 0 ? error : stoppedAfter(error, removed.length, doomed.length);
    }
  }
  return { removed, notes };
}

async function remove(
  writer: TargetWriter,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<readonly ErrorData[]> {
  if (writer.removeManifest !== undefined) return (await writer.removeManifest(descriptor, { signal })).notes;
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${writer.target.label} does not delete.`,
    hint: 'Choose a registry, a layout folder or the local store.',
  });
}

async function checkTag(
  writer: TargetWriter,
  tag: string,
  planned: Descriptor,
  signal: AbortSignal,
): Promise<void> {
  const now = await writer.target.resolve(tag, { signal });
  if (now?.digest === planned.digest) return;
  throw new TallymanError({
    code: 'CONFLICT',
    message: `The tag ${tag} of ${writer.target.label} named ${planned.digest} and now ${now === undefined ? 'is gone' : `names ${now.digest}`}.`,
    hint: 'Nothing was deleted. Look at it again, or delete by digest.',
  });
}

function itemOf(
  { descriptor, tags, bytes }: PlannedManifest,
  state: CarriedItem['state'],
  error?: unknown,
): CarriedItem {
  const { digest } = descriptor;
  return {
    id: digest,
    name: tags[0] ?? digest,
    digest,
    state,
    done: state === 'done' ? bytes : 0,
    size: bytes,
    ...(error === undefined ? {} : { error: toErrorData(error) }),
  };
}

/** The same failure, with how far it went. */
function stoppedAfter(error: unknown, done: number, all: number): TallymanError {
  const data = toErrorData(error);
  return new TallymanError(
    { ...data, message: `${data.message} ${done} of ${all} manifests were deleted before.` },
    { cause: error },
  );
}
