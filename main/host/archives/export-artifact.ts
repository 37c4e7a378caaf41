import path from 'node:path';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { copyGraph } from '../../content/copy-graph.ts';
import type { BlobAmount } from '../../content/copy-options.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { TransferReport } from '../../content/transfer-report.ts';
import { createArchive } from '../../layout/archive-writer/archive-target-writer.ts';
import { LayoutTargetWriter } from '../../layout/layout-target-writer.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { ownRepositoryName } from '../../server/stores/own-repository-name.ts';

export interface ExportOptions {
  readonly from: Target;
  /** A tag, a name or a digest of the source. */
  readonly reference: string;
  /** Absolute path. `.tar`, `.tar.gz` and `.tgz` make an archive, all else a layout folder, to which is added when it is there. */
  readonly destination: string;
  /** Whether what refers to any of it comes along. */
  readonly referrers: boolean;
  /** Only this one of an image for several platforms. */
  readonly platform?: Platform;
  /** What docker and containerd call the image before the tag, `localhost:5000/team/app`; made of the source's name when absent. */
  readonly repository?: string;
  /** An archive takes the place of a file that is there. */
  readonly overwrite?: boolean;
}

export interface ExportWork extends TargetOptions {
  readonly report?: TransferReport;
}

export interface ExportResult {
  /** Where it came from and went to, for texts. */
  readonly from: string;
  readonly to: string;
  readonly root: Descriptor;
  /** What it is called in the layout. */
  readonly names: readonly string[];
  /** Blobs that were written, and those that were there. */
  readonly sent: BlobAmount;
  readonly skipped: BlobAmount;
  /** Manifests and indexes, referrers among them. */
  readonly manifests: number;
  readonly referrers: number;
  readonly notes: readonly ErrorData[];
}

const ARCHIVE_NAME = /\.(?:tar|tar\.gz|tgz)$/i;
const PACKED_NAME = /gz$/i;

/**
 * Writes an artifact, with everything that it consists of, into an OCI layout: a folder, or one archive, which `docker load` reads
 * as well when it holds an image. Digests stay. An archive is there when it is whole, and not before.
 * @throws TallymanError CONFLICT when an archive would take the place of a file, and as `copyGraph`, `createLayout`, `createArchive`.
 */
export async function exportArtifact(options: ExportOptions, work: ExportWork): Promise<ExportResult> {
  const { from, reference, referrers, platform } = options;
  const { signal, report = {} } = work;
  const { tag, repository } = await nameOf(options, signal);
  const names = tag === undefined ? [] : [tag];
  const to = await openDestination(options, repository, signal);
  try {
    const copied = await copyGraph({
      from,
      to,
      roots: [{ reference, tags: names }],
      referrers,
      ...(platform === undefined ? {} : { platforms: [platform] }),
      signal,
      report,
    });
    await to.finish({ signal });
    const [root] = copied.roots;
    if (root === undefined) throw new Error('The root of the export was not copied.');
    return {
      from: from.label,
      to: to.target.label,
      root,
      names: [...names, ...copied.companionTags],
      sent: copied.sent,
      skipped: copied.skipped,
      manifests: copied.manifests,
      referrers: copied.referrers,
      notes: copied.notes,
    };
  } finally {
    await to.close();
  }
}

async function openDestination(
  { destination, overwrite = false, platform }: ExportOptions,
  repository: string,
  signal: AbortSignal,
): Promise<TargetWriter> {
  if (!ARCHIVE_NAME.test(destination))
    return new LayoutTargetWriter(await createLayout(destination, { signal }));
  return createArchive(destination, {
    gzip: PACKED_NAME.test(destination),
    overwrite,
    repository,
    // Docker's list holds one image for each name: that of this machine, as docker itself would take.
    platform: platform ?? { os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch },
  });
}

/** Go's names of what Node calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/**
 * The tag that an artifact gets in the layout, and the repository that stands before it elsewhere. Plain tags are what `oras` and
 * `regctl` ask for, so a whole name (podman writes those) is taken apart.
 */
async function nameOf(
  { from, reference, repository }: ExportOptions,
  signal: AbortSignal,
): Promise<{ readonly tag: string | undefined; readonly repository: string }> {
  const own = repository ?? ownRepositoryName(path.basename(from.label));
  if (isDigest(reference)) return { tag: undefined, repository: own };
  const [before, tag] = splitName(reference);
  if (before !== undefined) return { tag, repository: before };
  if (repository !== undefined || !isTag(reference)) return { tag: reference, repository: own };
  for await (const page of from.listEntries?.({ signal }) ?? []) {
    for (const { tag: name = '' } of page) {
      if (name === reference) return { tag: reference, repository: own };
      const [whole, part] = splitName(name);
      if (whole !== undefined && part === reference) return { tag: reference, repository: whole };
    }
  }
  return { tag: reference, repository: own };
}

/** `repository:tag` in its two parts; all of any other name is the second. */
function splitName(name: string): readonly [string | undefined, string] {
  const colon = name.lastIndexOf(':');
  const tag = name.slice(colon + 1);
  return colon > 0 && isTag(tag) ? [name.slice(0, colon), tag] : [undefined, name];
}
