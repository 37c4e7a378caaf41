import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';

/** Signatures of one document that are looked at. */
const SIGNATURES_LIMIT = 16;

/**
 * The bytes a signed Docker schema 1 manifest is named by: its JWS payload, which is the document up to where the
 * signatures were put in, and the tail that stood there before (libtrust). Undefined for a document without
 * signatures, or whose signatures do not agree on one payload. The signatures themselves are not verified: the
 * payload's digest decides.
 */
export function signedPayload(bytes: Uint8Array): Uint8Array | undefined {
  const signatures = readSignatures(bytes);
  if (signatures.length === 0 || signatures.length > SIGNATURES_LIMIT) return undefined;
  const cuts = signatures.map(readCut);
  const [first] = cuts;
  if (first === undefined || first.length > bytes.byteLength) return undefined;
  if (cuts.some((cut) => cut?.length !== first.length || !cut.tail.equals(first.tail))) return undefined;
  return Buffer.concat([bytes.subarray(0, first.length), first.tail]);
}

function readSignatures(bytes: Uint8Array): readonly unknown[] {
  try {
    const document = parseStrictJson(bytes);
    const signatures = isJsonObject(document) ? field(document, 'signatures') : undefined;
    return Array.isArray(signatures) ? signatures : [];
  } catch {
    return [];
  }
}

interface Cut {
  readonly length: number;
  readonly tail: Buffer;
}

/** `formatLength` and `formatTail` out of a signature's protected header. */
function readCut(signature: unknown): Cut | undefined {
  const header = isJsonObject(signature) ? field(signature, 'protected') : undefined;
  if (typeof header !== 'string') return undefined;
  try {
    const document = parseStrictJson(Buffer.from(header, 'base64url'));
    if (!isJsonObject(document)) return undefined;
    const length = field(document, 'formatLength');
    const tail = field(document, 'formatTail');
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0 || typeof tail !== 'string')
      return undefined;
    return { length, tail: Buffer.from(tail, 'base64url') };
  } catch {
    return undefined;
  }
}
