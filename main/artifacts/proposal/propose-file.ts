import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import { quoteText } from '../../../shared/display/display-text.ts';
import { isCancellation, TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isJsonObject } from '../../../shared/oci/json-object.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { readAll } from '../../content/verify-content.ts';
import { fileError } from '../../layout/file-error.ts';
import { chartTag } from '../chart/plan-chart-push.ts';
import { readChart } from '../chart/read-chart.ts';
import { PROPOSAL_HEAD_SIZE, PROPOSAL_JSON_LIMIT, PROPOSAL_STRICT_SIZE } from '../limits.ts';
import { readFrom } from '../push/hash-file.ts';
import { archiveKind } from './archive-kind.ts';
import { kindOfJson, kindOfText, type DocumentKind } from './document-kind.ts';
import { readJsonHead, type JsonHead } from './json-head.ts';

/** How a file or folder would be sent, by what it is. */
export interface ProposedFile {
  /** As it was asked for. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Bytes; 0 for a folder, whose archive is not made yet. */
  readonly size: number;
  readonly kind: NodeKind | 'archive';
  /** `import`: an OCI layout or what `docker save` wrote, to be sent as the image it holds. */
  readonly action: 'push' | 'import';
  /** What it would be called. */
  readonly title: string;
  readonly mediaType: string;
  /** What an artifact of this file alone would be. */
  readonly artifactType?: string;
  /** The type of the config that belongs to it, for `planArtifact` to make. */
  readonly configMediaType?: string;
  /** Tags that the content itself names. */
  readonly tags?: readonly string[];
}

/** Endings of names that say enough where the content says nothing. */
const TYPES_BY_ENDING: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.xml': 'application/xml',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.csv': 'text/csv',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.tgz': 'application/gzip',
  '.tar': 'application/x-tar',
};

/**
 * Looks at the beginning of a file and says what it is and how it would be sent. Names only count where the content says nothing.
 * @throws TallymanError UNREADABLE that names the file.
 */
export async function proposeFile(
  file: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ProposedFile> {
  const title = path.basename(path.resolve(file));
  const about = { path: file, title, isFolder: false, size: 0, kind: 'other', action: 'push' } as const;
  try {
    const found = await stat(file);
    if (found.isDirectory()) {
      const layout = await stat(path.join(file, 'oci-layout')).catch(() => undefined);
      const folder = { ...about, isFolder: true, mediaType: MEDIA_TYPES.layerTarGzip };
      return layout?.isFile() === true ? { ...folder, kind: 'archive', action: 'import' } : folder;
    }
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      return { ...about, size, ...(await lookInto(handle, file, size, signal)) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, `Reading ${quoteText(file)}`);
  }
}

type Finding = Pick<ProposedFile, 'mediaType'> & Partial<ProposedFile>;

async function lookInto(
  handle: FileHandle,
  file: string,
  size: number,
  signal: AbortSignal,
): Promise<Finding> {
  const buffer = Buffer.alloc(Math.min(size, PROPOSAL_HEAD_SIZE));
  const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, 0);
  const head = buffer.subarray(0, bytesRead);
  if (head.subarray(0, 4).toString('latin1') === '\0asm') return WASM;
  const archive = await archiveKind(handle, size, head, signal);
  if (archive === 'chart') return chartFinding(file, signal);
  if (archive !== undefined) return { kind: 'archive', action: 'import', mediaType: endingType(file) };
  if (head.includes(0)) return { mediaType: endingType(file) };
  const text = head.toString('utf8');
  if (file.endsWith('.prov') && text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----'))
    return { kind: 'helm-chart', mediaType: MEDIA_TYPES.helmProvenance };
  const document = kindOfText(text) ?? (await jsonKind(handle, text, size, signal));
  return document === undefined
    ? { mediaType: endingType(file) }
    : { ...document, artifactType: document.mediaType };
}

const WASM: Finding = {
  kind: 'wasm',
  mediaType: MEDIA_TYPES.wasm,
  configMediaType: MEDIA_TYPES.wasmConfig,
};

/** Small documents are read whole and strictly; of large ones the beginning decides where it can. */
async function jsonKind(
  handle: FileHandle,
  text: string,
  size: number,
  signal: AbortSignal,
): Promise<DocumentKind | undefined> {
  const head = readJsonHead(text);
  if (head === undefined) return undefined;
  const byHead = kindOfJson(head);
  if (size > PROPOSAL_JSON_LIMIT || (byHead !== undefined && size > PROPOSAL_STRICT_SIZE)) return byHead;
  try {
    const document = parseStrictJson(await readAll(readFrom(handle, 0, signal), PROPOSAL_JSON_LIMIT));
    return isJsonObject(document) ? kindOfJson(wholeHead(document)) : undefined;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TallymanError)) throw error;
    return undefined;
  }
}

function wholeHead(document: Readonly<Record<string, unknown>>): JsonHead {
  return new Map(
    Object.entries(document).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
}

async function chartFinding(file: string, signal: AbortSignal): Promise<Finding> {
  try {
    const chart = await readChart(file, { signal });
    if (chart === undefined) return { mediaType: endingType(file) };
    const tag = chartTag(chart.version);
    return {
      kind: 'helm-chart',
      mediaType: MEDIA_TYPES.helmChart,
      configMediaType: MEDIA_TYPES.helmConfig,
      ...(isTag(tag) ? { tags: [tag] } : {}),
    };
  } catch (error) {
    // A chart that cannot be read as one is still a file.
    if (isCancellation(error) || !(error instanceof TallymanError)) throw error;
    return { mediaType: endingType(file) };
  }
}

function endingType(file: string): string {
  return TYPES_BY_ENDING[path.extname(file).toLowerCase()] ?? MEDIA_TYPES.octetStream;
}
