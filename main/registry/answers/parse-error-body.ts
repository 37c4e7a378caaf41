import { field, isJsonObject } from '../../../shared/oci/json-object.ts';

/** One entry of an error answer (distribution-spec, Error Codes). */
export interface ErrorEntry {
  /** Upper case with underscores: `MANIFEST_UNKNOWN`. */
  readonly code: string;
  readonly message?: string;
}

/** Entries of one answer that are looked at. */
const ENTRIES_LIMIT = 10;

/**
 * The entries of an error answer; none when the body is HTML, text, empty, cut, or JSON of another form: such bodies
 * are allowed (distribution-spec, Error Codes) and never an error of their own.
 */
export function parseErrorBody(bytes: Uint8Array): readonly ErrorEntry[] {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return [];
  }
  const errors = isJsonObject(document) ? field(document, 'errors') : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, ENTRIES_LIMIT).flatMap((entry: unknown) => {
    if (!isJsonObject(entry)) return [];
    const code = field(entry, 'code');
    const message = field(entry, 'message');
    if (typeof code !== 'string' || !/^[A-Z][A-Z_]{0,63}$/.test(code)) return [];
    return [{ code, ...(typeof message === 'string' && message !== '' ? { message } : {}) }];
  });
}

/** True for a body that is a web page. */
export function isWebPage(bytes: Uint8Array, contentType: string | undefined): boolean {
  if (contentType?.toLowerCase().startsWith('text/html') === true) return true;
  const beginning = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart().toLowerCase();
  return beginning.startsWith('<!doctype html') || beginning.startsWith('<html');
}
