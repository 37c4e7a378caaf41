/** Which bytes of how many a 206 holds (RFC 9110, 14.4). */
export interface ContentRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
  /** Undefined where the server does not know (`*`). */
  readonly total: number | undefined;
}

/** Reads `bytes 0-499/1234`; undefined for anything else and for numbers that contradict each other. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(value ?? '');
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]);
  const total = match[3] === '*' ? undefined : Number(match[3]);
  if (end < start || (total !== undefined && end >= total)) return undefined;
  return { start, end, total };
}
