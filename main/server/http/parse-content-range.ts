import { Refusal } from '../refusal.ts';

/** Where the bytes of a chunk belong in the blob. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads the `Content-Range` of a chunk: `FIRST-LAST`, inclusive, without a unit (distribution-spec, Pushing a blob in chunks).
 * `bytes FIRST-LAST/TOTAL` as HTTP writes it is taken as well.
 * @param length - what `Content-Length` says, where there is one.
 * @returns undefined without the header.
 * @throws Refusal 400 when the header makes no sense, or says another length.
 */
export function parseContentRange(
  header: string | undefined,
  length: number | undefined,
): ContentRange | undefined {
  if (header === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header.trim());
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || last < first) {
    throw new Refusal(
      400,
      'BLOB_UPLOAD_INVALID',
      'The header Content-Range is no range: it looks like 0-1023.',
    );
  }
  if (length !== undefined && length !== last - first + 1) {
    throw new Refusal(
      400,
      'SIZE_INVALID',
      `The header Content-Range says ${last - first + 1} bytes, Content-Length says ${length}.`,
    );
  }
  return { first, last };
}
