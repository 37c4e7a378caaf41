import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { executePush, type PushOutcome } from '../../artifacts/push/execute-push.ts';
import type { PushPlan } from '../../artifacts/push/plan-push.ts';
import type { Target } from '../../content/target.ts';
import { openWriterOf } from './open-writer.ts';
import { createProgressLine } from './progress-line.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';

/** Writes a plan into a place, with a line that says how far it is; Ctrl-C says how to go on. */
export async function writeArtifact(
  plan: PushPlan,
  target: Target,
  tags: readonly string[],
  surroundings: Surroundings,
): Promise<PushOutcome> {
  const { signal, stderr } = surroundings;
  const line = createProgressLine(surroundings);
  const total = formatSize(plan.totalBytes);
  const writer = await openWriterOf(target, signal);
  try {
    const outcome = await executePush(plan, writer, {
      signal,
      tags,
      onProgress: (bytes) => line.show(`Pushing: ${formatSize(bytes)} of ${total}`),
    });
    await writer.finish({ signal });
    return outcome;
  } catch (error) {
    line.clear();
    if (signal.aborted && isCancellation(error))
      stderr(
        'tallyman: Stopped. Nothing was tagged. The same command goes on: what arrived whole is not sent again.\n',
      );
    throw error;
  } finally {
    line.clear();
    await writer.close();
  }
}

/** What `--json` prints of a push or attach. */
export function artifactJson(
  plan: PushPlan,
  outcome: PushOutcome,
  more: Readonly<Record<string, unknown>>,
): string {
  const { descriptor, sent, present, notes } = outcome;
  return `${toSafeJson({
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    size: descriptor.size,
    artifactType: plan.manifest.artifactType ?? null,
    ...more,
    files: filesOf(plan),
    sent,
    mounted: { blobs: 0, bytes: 0 },
    skipped: present,
    notes,
  })}\n`;
}

/** What a push or attach says when it is done. */
export function artifactText(first: string, { descriptor, sent, present }: PushOutcome): string {
  const blobs = (count: number): string => `${count} ${count === 1 ? 'blob' : 'blobs'}`;
  return [
    displayText(first),
    `Digest ${descriptor.digest}`,
    `${blobs(sent.blobs)} sent (${formatSize(sent.bytes)}), ${blobs(present.blobs)} there already (${formatSize(present.bytes)})`,
    '',
  ].join('\n');
}

/** What `--plan` prints: the manifest as it would be written, to the byte, or what is known of it. */
export function planOutput(plan: PushPlan, json: boolean): string {
  const { manifest, totalBytes } = plan;
  if (!json) return `${JSON.stringify(JSON.parse(new TextDecoder().decode(manifest.bytes)), undefined, 2)}\n`;
  return `${toSafeJson({
    digest: manifest.descriptor.digest,
    mediaType: manifest.mediaType,
    size: manifest.descriptor.size,
    artifactType: manifest.artifactType ?? null,
    manifest: new TextDecoder().decode(manifest.bytes),
    files: filesOf(plan),
    totalBytes,
  })}\n`;
}

/** Prints what the person should know; true when there was something. */
export function printNotes({ notes }: PushOutcome, { stderr }: Surroundings): boolean {
  for (const { message, hint } of notes) {
    stderr(`tallyman: ${displayText(message)}\n`);
    if (hint !== undefined) stderr(`  ${displayText(hint)}\n`);
  }
  return notes.length > 0;
}

function filesOf({ blobs }: PushPlan): readonly unknown[] {
  return blobs.flatMap(({ descriptor: { digest, size, mediaType }, titles }) =>
    titles.map((title) => ({ title, digest, size, mediaType })),
  );
}
