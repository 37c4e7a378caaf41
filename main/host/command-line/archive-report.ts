import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import type { BlobAmount } from '../../content/copy-options.ts';
import type { ExportResult } from '../archives/export-artifact.ts';
import type { ImportResult } from '../archives/import-archive.ts';
import { countOf, TABLE_LIMIT } from './content-table.ts';
import { toSafeJson } from './safe-json.ts';

export function importJson({
  from,
  to,
  roots,
  moved,
  sent,
  skipped,
  manifests,
  notes,
}: ImportResult): string {
  return `${toSafeJson({
    from,
    to,
    roots: roots.map(({ descriptor: { digest, mediaType, size }, names }) => ({
      digest,
      mediaType,
      size,
      names,
    })),
    moved,
    manifests,
    stored: sent,
    present: skipped,
    notes,
  })}\n`;
}

export function importText({ from, to, roots, moved, sent, skipped, manifests }: ImportResult): string {
  const shown = roots.slice(0, TABLE_LIMIT).map(({ descriptor: { digest }, names }) => {
    return `  ${digest}  ${names.map(displayText).join(', ')}`.trimEnd();
  });
  return [
    `Imported ${displayText(from)} into ${displayText(to)}:`,
    ...shown,
    ...(roots.length > TABLE_LIMIT ? [`  … and ${roots.length - TABLE_LIMIT} more: --json prints all.`] : []),
    ...moved.map(
      ({ name, before }) => `The name ${displayText(name)} was that of ${before}, which is still listed.`,
    ),
    `${countOf(manifests, 'manifest')}; blobs: ${amount(sent)} stored, ${amount(skipped)} there already`,
    '',
  ].join('\n');
}

export function exportJson({ from, to, root, names, sent, skipped, ...counts }: ExportResult): string {
  const { digest, mediaType, size } = root;
  const { manifests, referrers, notes } = counts;
  return `${toSafeJson({
    from,
    to,
    digest,
    mediaType,
    size,
    names,
    manifests,
    referrers,
    stored: sent,
    present: skipped,
    notes,
  })}\n`;
}

export function exportText({ from, to, root, names, ...counts }: ExportResult): string {
  const { sent, skipped, manifests, referrers } = counts;
  return [
    `Exported ${displayText(from)} to ${displayText(to)}`,
    `Digest ${root.digest}${names.length === 0 ? '' : `, named ${names.map(displayText).join(', ')}`}`,
    `${countOf(manifests, 'manifest')}, of which ${referrers} ${referrers === 1 ? 'is a referrer' : 'are referrers'}; blobs: ${amount(sent)} written, ${amount(skipped)} there already`,
    '',
  ].join('\n');
}

function amount({ blobs, bytes }: BlobAmount): string {
  return blobs === 0 ? '0' : `${blobs} (${formatSize(bytes)})`;
}
