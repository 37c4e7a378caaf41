import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { BlobTransfers } from './copy-blobs.ts';
import { ManifestWrites, neverReady } from './copy-manifests.ts';
import { CopyNotes } from './copy-notes.ts';
import type { CopyOptions, CopyResult } from './copy-options.ts';
import { CopyReader, type CopiedManifest } from './copy-reader.ts';
import { DestinationLooks } from './destination-looks.ts';
import { eachRoot, startAtRoots } from './copy-roots.ts';
import { CopyTags } from './copy-tags.ts';
import { COPY_READS } from './limits.ts';
import type { TargetWriter } from './target-writer.ts';
import type { Target } from './target.ts';
import { TaskGroup } from './task-group.ts';
import { createTaskPool } from './task-pool.ts';

/**
 * Copies artifacts, with everything that they consist of and what refers to them, from any place to any other. Digests stay as they
 * are. Reading the graph, carrying blobs and writing manifests go on at the same time; a manifest is written when all that it names
 * is there, a referrer after its subject, tags when everything else is done.
 *
 * The first failure stops the copy before any tag is set; what was carried stays at the destination, and is skipped the next time.
 * @throws TallymanError what the places answered, with what was being done in front of the message; UNSUPPORTED for a place that
 * cannot be written to; CANCELLED.
 */
export async function copyGraph(options: CopyOptions): Promise<CopyResult> {
  return withWriter(options.to, options.signal, (writer) => copyTo(writer, options));
}

/** Runs work with the writing side of a place. One that is opened here is finished and closed here. */
export async function withWriter<Result>(
  to: Target | TargetWriter,
  signal: AbortSignal,
  work: (writer: TargetWriter) => Promise<Result>,
): Promise<Result> {
  if ('writeBlob' in to) return work(to);
  if (to.openWriter === undefined) {
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: `${to.label} can be read, not written to.`,
      hint: 'Copy to a layout folder or to a registry.',
    });
  }
  const writer = await to.openWriter({ signal });
  try {
    const result = await work(writer);
    await writer.finish({ signal });
    return result;
  } finally {
    await writer.close();
  }
}

async function copyTo(writer: TargetWriter, options: CopyOptions): Promise<CopyResult> {
  const { from, referrers, roots, report = {}, manifestsLast = false } = options;
  const group = new TaskGroup(options.signal);
  try {
    const pool = createTaskPool(COPY_READS, group.signal);
    const notes = new CopyNotes();
    const companions = new Map<string, Digest>();
    const copied = new Map<Digest, Pick<CopiedManifest, 'descriptor' | 'subject' | 'isReferrer'>>();
    const looks = new DestinationLooks(writer.target, group);
    for (const tag of roots.flatMap(({ tags }) => tags)) looks.lookFor(tag);
    const blobs = new BlobTransfers({
      from,
      writer,
      group,
      report,
      seemsThere: () => looks.seemsThere(),
      onDone: (digest) => manifests.blobDone(digest),
      onAbsent: ({ descriptor }) => notes.addForeign({ foreign: [descriptor] }),
    });
    const reader = new CopyReader({
      from,
      referrers,
      group,
      pool,
      onManifest: (manifest) => {
        const { descriptor, subject, isReferrer } = manifest;
        copied.set(descriptor.digest, { descriptor, subject, isReferrer });
        notes.addForeign(manifest);
        manifests.add(manifest);
        for (const blob of manifest.blobs) blobs.need(blob);
      },
      onCompanionTag: (tag, digest) => companions.set(tag, digest),
      onNote: notes.add,
    });
    const manifests = new ManifestWrites({
      from,
      writer,
      group,
      isCopied: (digest) => reader.isCopied(digest),
      held: manifestsLast,
      onNote: notes.add,
    });
    const digests = startAtRoots({
      selection: options,
      reader,
      group,
      pool,
      onNote: notes.add,
      onRoot: (digest) => looks.lookFor(digest),
    });
    await group.settled();
    reader.finish();
    manifests.release();
    await group.settled();
    if (manifests.unwritten > 0) throw neverReady(manifests.unwritten);

    const copiedRoots = eachRoot(digests, copied);
    const tagging = new CopyTags(writer, group, notes);
    for (const [tag, digest] of companions) {
      const companion = copied.get(digest);
      if (companion !== undefined) tagging.setCompanion(tag, companion.descriptor);
    }
    for (const { subject } of copiedRoots) tagging.noteAbsentSubject(subject, copied);
    await group.settled();
    for (const [position, { descriptor }] of copiedRoots.entries())
      for (const tag of roots[position]?.tags ?? []) tagging.set(tag, descriptor);
    await group.settled();
    return {
      roots: copiedRoots.map(({ descriptor }) => descriptor),
      sent: blobs.sent,
      mounted: blobs.mounted,
      skipped: blobs.skipped,
      manifests: manifests.written,
      referrers: [...copied.values()].filter(({ isReferrer }) => isReferrer).length,
      companionTags: [...companions.keys()],
      notes: notes.all,
    };
  } finally {
    group.end();
  }
}
