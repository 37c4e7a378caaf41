/**
 * Milliseconds that a `Retry-After` header asks to wait: whole seconds or an HTTP-date (RFC 9110, 10.2.3). Undefined
 * for anything else; a date in the past is 0.
 *
 * @param now - milliseconds since 1970, to judge a date.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  // `Date.parse` takes much that is no HTTP-date ("880", "2e3"): only the form with a day's name and GMT counts.
  if (!/^[A-Z][a-z]{2,8}, .{1,40} GMT$/.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
