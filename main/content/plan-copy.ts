import type { Digest } from '../../shared/oci/digest.ts';
import { withWriter } from './copy-graph.ts';
import type { CopiedBlob } from './copied-content.ts';
import { mountableFrom } from './copy-blobs.ts';
import { CopyNotes } from './copy-notes.ts';
import type { CopyOptions, CopyPlan, CopySelection, PlannedBlob } from './copy-options.ts';
import { CopyReader, type CopiedManifest } from './copy-reader.ts';
import { eachRoot, startAtRoots } from './copy-roots.ts';
import { COPY_READS, COPY_SMALL_BLOBS } from './limits.ts';
import type { TargetWriter } from './target-writer.ts';
import { TaskGroup } from './task-group.ts';
import { createTaskPool } from './task-pool.ts';

export interface PlanCopyOptions extends CopySelection {
  /** Absent for a place that is still to be made: nothing is there then. */
  readonly to?: CopyOptions['to'];
}

/**
 * What a copy would carry, and what of it the destination has already. Reads the manifests of the source and asks the destination
 * for each blob; nothing is written. Fails where the copy would fail while it reads.
 */
export async function planCopy(options: PlanCopyOptions): Promise<CopyPlan> {
  const { to, signal } = options;
  if (to === undefined) return planTo(undefined, options);
  return withWriter(to, signal, (writer) => planTo(writer, options));
}

async function planTo(writer: TargetWriter | undefined, options: CopySelection): Promise<CopyPlan> {
  const { from, referrers } = options;
  const group = new TaskGroup(options.signal);
  try {
    const pool = createTaskPool(COPY_READS, group.signal);
    const asking = createTaskPool(COPY_SMALL_BLOBS, group.signal);
    const notes = new CopyNotes();
    const companionTags = new Set<string>();
    const copied = new Map<Digest, Pick<CopiedManifest, 'descriptor' | 'isReferrer'>>();
    const blobs = new Map<Digest, PlannedBlob | undefined>();
    const mayMount = writer !== undefined && mountableFrom(from, writer) !== undefined;
    const otherwise = mayMount ? 'mountable' : 'missing';
    const ask = ({ descriptor }: CopiedBlob): void => {
      if (blobs.has(descriptor.digest)) return;
      blobs.set(descriptor.digest, undefined);
      group.spawn(() =>
        asking.run(async () => {
          const present = (await writer?.hasBlob(descriptor, { signal: group.signal })) === true;
          blobs.set(descriptor.digest, { descriptor, state: present ? 'present' : otherwise });
        }),
      );
    };
    const reader = new CopyReader({
      from,
      referrers,
      group,
      pool,
      onManifest: (manifest) => {
        const { descriptor, isReferrer } = manifest;
        copied.set(descriptor.digest, { descriptor, isReferrer });
        notes.addForeign(manifest);
        for (const blob of manifest.blobs) ask(blob);
      },
      onCompanionTag: (tag) => companionTags.add(tag),
      onNote: notes.add,
    });
    const digests = startAtRoots({ selection: options, reader, group, pool, onNote: notes.add });
    await group.settled();
    reader.finish();
    const planned = [...blobs.values()].flatMap((blob) => blob ?? []);
    const of = (state: PlannedBlob['state']): CopyPlan['toSend'] => {
      const such = planned.filter((blob) => blob.state === state);
      return { blobs: such.length, bytes: such.reduce((sum, { descriptor }) => sum + descriptor.size, 0) };
    };
    const manifests = [...copied.values()];
    return {
      roots: eachRoot(digests, copied).map(({ descriptor }) => descriptor),
      manifests: manifests.length,
      manifestBytes: manifests.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
      referrers: manifests.filter(({ isReferrer }) => isReferrer).length,
      blobs: planned,
      present: of('present'),
      mountable: of('mountable'),
      toSend: of('missing'),
      companionTags: [...companionTags],
      notes: notes.all,
    };
  } finally {
    group.end();
  }
}
