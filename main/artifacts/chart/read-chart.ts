import { open } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readAll } from '../../content/verify-content.ts';
import { fileError } from '../../layout/file-error.ts';
import { CHART_ENTRY_LIMIT, CHART_LIMIT, CHART_YAML_LIMIT } from '../limits.ts';
import { readFrom } from '../push/hash-file.ts';
import { decompress } from '../tar/decompress.ts';
import { readTarStream } from '../tar/read-tar-stream.ts';
import { readChartMetadata, type ChartMetadata } from './chart-metadata.ts';
import { readYaml } from './read-yaml.ts';

/**
 * Reads what a packed chart (`helm package`) says of itself: its Chart.yaml, and the requirements.yaml of charts of the first kind.
 * @returns undefined for an archive that holds no chart.
 * @throws TallymanError MALFORMED, AMBIGUOUS, LIMIT; UNREADABLE.
 */
export async function readChart(
  file: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ChartMetadata | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > CHART_LIMIT) throw tooLarge(file);
      const options = { what: file, packedSize: size, signal };
      const tar = decompress(readFrom(handle, 0, signal), options);
      const found = await findDocuments(tar, file, signal);
      const chart = found.get('Chart.yaml');
      if (chart === undefined) return undefined;
      const requirements = found.get('requirements.yaml');
      return readChartMetadata(
        readYaml(chart),
        requirements === undefined ? undefined : readYaml(requirements),
      );
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, `Reading ${quoteText(file)}`);
  }
}

/** The two documents that lie directly in the chart's folder; those of its dependencies lie deeper. */
async function findDocuments(
  tar: AsyncIterable<Uint8Array>,
  file: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const entry of readTarStream(tar, { what: file, entryLimit: CHART_ENTRY_LIMIT, signal })) {
    const [, name, ...deeper] = entry.path.split('/');
    if (entry.type !== 'file' || name === undefined || deeper.length > 0) continue;
    if (name !== 'Chart.yaml' && name !== 'requirements.yaml') continue;
    if (found.has(name))
      throw new TallymanError({
        code: 'AMBIGUOUS',
        message: `${quoteText(file)} holds ${name} more than once.`,
        hint: 'Pack the chart again: helm package.',
      });
    found.set(name, await readAll(entry.content(), CHART_YAML_LIMIT, name));
  }
  return found;
}

function tooLarge(file: string): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `${quoteText(file)} has more than ${CHART_LIMIT} bytes, which is too much for a chart.`,
    hint: 'Push it as a file.',
    details: { limit: CHART_LIMIT },
  });
}
