import { lstat } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { createKeptBytes, hashRegularFile, memorySource } from '../push/hash-file.ts';
import { manifestJson } from '../push/manifest-json.ts';
import { planOf, rfc3339, type PushPlan } from '../push/plan-push.ts';
import { chartAnnotations, chartConfig } from './chart-metadata.ts';
import { readChart } from './read-chart.ts';

export interface ChartToPush {
  /** What `helm package` made. */
  readonly chart: string;
  /** Its provenance; as with helm, the file beside it with `.prov` at the end of the name when absent. */
  readonly provenance?: string;
}

/**
 * The push of a chart as `helm push` makes it, equal byte for byte: config made of Chart.yaml, a manifest without media type and titles,
 * layers in the order of their digests, annotations of the chart, the time of the file as the time of creation. Helm writes that in the
 * zone of the machine; here it is always UTC. The tag is the version, with `_` for `+`.
 * @throws TallymanError MALFORMED for what is no chart; as `planPush`.
 */
export async function planChartPush(
  { chart, provenance }: ChartToPush,
  { signal }: { readonly signal: AbortSignal },
): Promise<PushPlan> {
  const metadata = await readChart(chart, { signal });
  if (metadata === undefined)
    throw new TallymanError({
      code: 'MALFORMED',
      message: `${quoteText(chart)} holds no Chart.yaml in its topmost folder: it is no chart.`,
      hint: 'Make one with helm package, or push it as a file.',
    });
  const kept = createKeptBytes();
  const packed = await hashRegularFile(chart, { signal, kept });
  const signed = provenance ?? (await besides(chart));
  const config = chartConfig(metadata);
  const layers: { mediaType: string; title: string; digest: Digest; size: number; source: BlobSource }[] = [
    { ...packed, mediaType: MEDIA_TYPES.helmChart, title: fileName(chart) },
  ];
  if (signed !== undefined) {
    const hashed = await hashRegularFile(signed, { signal, kept });
    layers.push({ ...hashed, mediaType: MEDIA_TYPES.helmProvenance, title: fileName(signed) });
  }
  layers.sort((left, right) => (left.digest < right.digest ? -1 : 1));
  const parts = layers.map(({ mediaType, digest, size, source, title }) => ({
    descriptor: { mediaType, digest, size },
    source,
    title,
  }));
  const described = { mediaType: MEDIA_TYPES.helmConfig, digest: digestOf(config), size: config.byteLength };
  const bytes = manifestJson({
    config: described,
    layers: parts.map(({ descriptor }) => descriptor),
    annotations: chartAnnotations(metadata, rfc3339(new Date(packed.modified))),
  });
  const tag = chartTag(metadata.version);
  return planOf({
    bytes,
    artifactType: MEDIA_TYPES.helmConfig,
    config: { descriptor: described, source: memorySource(config) },
    layers: parts,
    tags: isTag(tag) ? [tag] : [],
    close: () => Promise.resolve(),
  });
}

/** The tag of a version: `+` cannot stand in one, and helm writes `_`. */
export function chartTag(version: string): string {
  return version.replaceAll('+', '_');
}

async function besides(chart: string): Promise<string | undefined> {
  const place = `${chart}.prov`;
  return (await lstat(place).catch(() => undefined)) === undefined ? undefined : place;
}

function fileName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
