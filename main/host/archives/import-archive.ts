import { quoteText } from '../../../shared/display/display-text.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { copyGraph } from '../../content/copy-graph.ts';
import type { BlobAmount } from '../../content/copy-options.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { TransferReport } from '../../content/transfer-report.ts';
import { LayoutTargetWriter } from '../../layout/layout-target-writer.ts';
import { openLayout } from '../../layout/open-layout.ts';
import type { MovedName } from '../../layout/repositories/name-content.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { collectRoots, type LayoutRoot } from './collect-roots.ts';
import { carryUncopied, isUncopied } from './carry-uncopied.ts';
import { listedBefore, nameImported, namesAt } from './import-names.ts';

export interface ImportOptions {
  /** Path of an OCI layout, folder or tar, or of what `docker save` wrote. */
  readonly archive: string;
  /** Path of a layout folder, which is made where nothing is; or a place, whose writer stays the caller's to finish and close. */
  readonly into: string | TargetWriter;
}

export interface ImportWork extends TargetOptions {
  readonly report?: TransferReport;
}

export interface ImportResult {
  /** Where it came from and went to, for texts. */
  readonly from: string;
  readonly to: string;
  /** What the archive listed, with the names at the destination. */
  readonly roots: readonly LayoutRoot[];
  /** Names that meant something else before; that is still listed, without them. */
  readonly moved: readonly MovedName[];
  /** Blobs that were stored, and those that were there. */
  readonly sent: BlobAmount;
  readonly skipped: BlobAmount;
  /** Manifests and indexes. */
  readonly manifests: number;
  readonly notes: readonly ErrorData[];
}

/**
 * Takes everything that an archive lists into a layout or a repository: digests stay, names come along, content that is there is
 * not written again. All content comes first, then manifests, then the names, in a layout in one step: of an archive that is
 * damaged anywhere nothing is seen.
 * @throws TallymanError as `openLayout` for the archive, `createLayout` for the destination, and `copyGraph`.
 */
export async function importArchive(options: ImportOptions, work: ImportWork): Promise<ImportResult> {
  const { archive, into } = options;
  const { signal } = work;
  const layout = await openLayout(archive, { signal });
  try {
    if (typeof into !== 'string') return await importInto(layout.target, into, work);
    const writer = new LayoutTargetWriter(await createLayout(into, { signal }));
    try {
      const result = await importInto(layout.target, writer, work);
      await writer.finish();
      return result;
    } finally {
      await writer.close();
    }
  } finally {
    await layout.close();
  }
}

async function importInto(
  from: Target,
  to: TargetWriter,
  { signal, report = {} }: ImportWork,
): Promise<ImportResult> {
  const { manifests, others, fallbacks, notes } = await collectRoots(from, { signal });
  const isLayout = to instanceof LayoutTargetWriter;
  const named = namesAt(to, isLayout ? [...manifests, ...others] : manifests);
  const known = await listedBefore(to, { signal });
  const uncopied = await carryUncopied(
    from,
    to,
    isLayout ? named.roots.map(({ descriptor }) => descriptor).filter(isUncopied) : [],
    { signal },
  );
  const copied = await copyGraph({
    from,
    to,
    // Other places make their indexes of referrers themselves.
    roots: [...manifests, ...(isLayout ? fallbacks : [])]
      .filter(({ descriptor }) => !isLayout || !isUncopied(descriptor))
      .map(({ descriptor }) => ({ reference: descriptor.digest, tags: [] })),
    referrers: false, // whatever refers to any of it is listed as well
    manifestsLast: true,
    signal,
    report,
  });
  const written = await to.writeManifests(uncopied.manifests, { signal });
  const moved = await nameImported(to, { roots: named.roots, known, fallbacks }, { signal });
  return {
    from: from.label,
    to: to.target.label,
    roots: named.roots,
    moved,
    sent: sumOf(copied.sent, uncopied.sent),
    skipped: sumOf(copied.skipped, uncopied.skipped),
    manifests: copied.manifests + uncopied.manifests.length,
    notes: [
      ...notes,
      ...named.notes,
      ...(isLayout ? [] : others.map(leftOut)),
      ...copied.notes,
      ...written.notes,
    ],
  };
}

function sumOf(left: BlobAmount, right: BlobAmount): BlobAmount {
  return { blobs: left.blobs + right.blobs, bytes: left.bytes + right.bytes };
}

function leftOut({ descriptor: { digest, mediaType } }: LayoutRoot): ErrorData {
  return {
    code: 'UNSUPPORTED',
    message: `${digest} (${quoteText(mediaType)}) is no manifest: it was left out.`,
    hint: 'Registries list manifests only. Import it into a layout.',
    details: { digest },
  };
}
