import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import type { BlobAmount, CopyPlan, CopyResult } from '../../content/copy-options.ts';
import { toSafeJson } from './safe-json.ts';

/** What a copy goes between, for the output. */
export interface CopyPlaces {
  readonly from: string;
  readonly to: string;
  readonly tags: readonly string[];
}

export function copyJson({ from, to, tags }: CopyPlaces, result: CopyResult): string {
  const [root] = result.roots;
  const { sent, mounted, skipped, manifests, referrers, companionTags, notes } = result;
  return `${toSafeJson({
    from,
    to,
    tags,
    digest: root?.digest ?? null,
    mediaType: root?.mediaType ?? null,
    size: root?.size ?? null,
    manifests,
    referrers,
    companionTags,
    sent,
    mounted,
    skipped,
    notes,
  })}\n`;
}

export function copyText(places: CopyPlaces, result: CopyResult): string {
  const { sent, mounted, skipped, manifests, referrers, companionTags } = result;
  return [
    `Copied ${displayText(places.from)} to ${named(places)}`,
    `Digest ${result.roots[0]?.digest ?? ''}`,
    manifestLine(manifests, referrers, companionTags),
    `Blobs: ${amount(sent)} sent, ${amount(mounted)} mounted, ${amount(skipped)} there already`,
    '',
  ].join('\n');
}

export function planJson({ from, to, tags }: CopyPlaces, plan: CopyPlan): string {
  const [root] = plan.roots;
  const { manifests, referrers, companionTags, toSend, mountable, present, blobs, notes } = plan;
  return `${toSafeJson({
    from,
    to,
    tags,
    digest: root?.digest ?? null,
    mediaType: root?.mediaType ?? null,
    size: root?.size ?? null,
    manifests,
    referrers,
    companionTags,
    toSend,
    mountable,
    present,
    blobs: blobs.map(({ descriptor: { digest, mediaType, size }, state }) => ({
      digest,
      mediaType,
      size,
      state,
    })),
    notes,
  })}\n`;
}

export function planText(places: CopyPlaces, plan: CopyPlan): string {
  const { toSend, mountable, present, manifests, referrers, companionTags } = plan;
  return [
    `Would copy ${displayText(places.from)} to ${named(places)}`,
    `Digest ${plan.roots[0]?.digest ?? ''}`,
    manifestLine(manifests, referrers, companionTags),
    `Blobs: ${amount(toSend)} to send, ${amount(mountable)} to mount, ${amount(present)} there already`,
    '',
  ].join('\n');
}

function named({ to, tags }: CopyPlaces): string {
  return displayText([to, ...tags].join(':'));
}

function manifestLine(manifests: number, referrers: number, companionTags: readonly string[]): string {
  const tags = companionTags.length === 0 ? '' : `; ${companionTags.length} of cosign’s tags`;
  return `Manifests: ${manifests}, of which ${referrers} ${referrers === 1 ? 'is a referrer' : 'are referrers'}${tags}`;
}

function amount({ blobs, bytes }: BlobAmount): string {
  return blobs === 0 ? '0' : `${blobs} (${formatSize(bytes)})`;
}
