/**
 * How many bytes of an upload a registry has, by the `Range` of its answer: `0-1023`, or `bytes=0-1023` as older ones write
 * (distribution-spec, Pushing a blob in chunks; TA api.md). `0-0` is written for one byte and for none; undefined for anything
 * that says nothing.
 */
export function parseStoredRange(
  value: string | undefined,
): { readonly stored: number } | { readonly stored: 'none-or-one' } | undefined {
  const match = /^(?:bytes=)?0-(\d{1,15})$/.exec(value ?? '');
  if (match === null) return undefined;
  const last = Number(match[1]);
  return { stored: last === 0 ? 'none-or-one' : last + 1 };
}
