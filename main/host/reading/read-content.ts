import type { Content } from '../../../shared/contract/content.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { nodeFault } from '../../content/node-fault.ts';
import type { Target } from '../../content/target.ts';
import { readAll } from '../../content/verify-content.ts';
import type { Immutable } from '../handlers.ts';

/** Bytes of text that the inspector shows; what is larger is saved to be looked at. */
export const SHOWN_TEXT_LIMIT = 4 * 1024 * 1024;
/** Bytes of binary content that the inspector shows as hex. */
export const SHOWN_BINARY_LIMIT = 64 * 1024;

type Shown = Pick<Content, 'form' | 'text' | 'bytes' | 'truncated'>;

/**
 * The bytes of one node for the JSON and Raw tabs. Whole content is verified; a first part of something larger says that it was not.
 * What is broken about the node itself is its state and error; what keeps Tallyman from looking is thrown.
 * @param isManifest - true for manifests and indexes, which places keep apart from blobs.
 */
export async function readContent(
  target: Target,
  node: Descriptor,
  isManifest: boolean,
  signal: AbortSignal,
): Promise<Immutable<Content>> {
  const facts = { digest: node.digest, mediaType: node.mediaType, size: node.size };
  try {
    if (isManifest) {
      const { bytes } = await target.fetchManifest(node, { signal });
      return { ...facts, size: bytes.byteLength, state: 'ok', ...show(bytes, bytes.byteLength) };
    }
    if (node.size <= SHOWN_TEXT_LIMIT) {
      const bytes = await readAll(target.readBlob(node, { signal }), SHOWN_TEXT_LIMIT);
      return { ...facts, state: 'ok', ...show(bytes, node.size) };
    }
    return { ...facts, state: 'unchecked', ...(await readFirstPart(target, node, signal)) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { state, error: data } = nodeFault(error);
    if (state === 'failed') throw error;
    return { ...facts, state, error: data, form: 'binary', truncated: true };
  }
}

/** A few bytes tell whether it is text; only then more are worth their way. */
async function readFirstPart(target: Target, node: Descriptor, signal: AbortSignal): Promise<Shown> {
  const part = (length: number): Promise<Uint8Array> =>
    readAll(target.readBlob(node, { signal, offset: 0, length }), length);
  const first = await part(SHOWN_BINARY_LIMIT);
  if (decodeText(first, true) === undefined) return show(first, node.size);
  return show(await part(SHOWN_TEXT_LIMIT), node.size);
}

function show(bytes: Uint8Array, size: number): Shown {
  const isCut = bytes.byteLength > SHOWN_TEXT_LIMIT || bytes.byteLength < size;
  const text = decodeText(bytes.subarray(0, SHOWN_TEXT_LIMIT), isCut);
  if (text !== undefined)
    return { form: looksLikeJson(text, isCut) ? 'json' : 'text', text, truncated: isCut };
  const shown = bytes.subarray(0, SHOWN_BINARY_LIMIT);
  return { form: 'binary', bytes: Buffer.from(shown).toString('base64'), truncated: shown.byteLength < size };
}

/** The text of valid UTF-8 without NUL; undefined is binary. @param isCut - a character may be cut in half at the end. */
function decodeText(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function looksLikeJson(text: string, isCut: boolean): boolean {
  const start = text.trimStart().charAt(0);
  if (start !== '{' && start !== '[') return false;
  if (isCut) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
