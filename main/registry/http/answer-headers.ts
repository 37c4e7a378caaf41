/** Headers of an answer; names in any case. */
export interface AnswerHeaders {
  /** The only or first value, trimmed; undefined when the header is absent. */
  first(name: string): string | undefined;
  /** Every value in the order of the header lines. */
  all(name: string): readonly string[];
  /** Header lines in all. */
  readonly count: number;
}

/** Headers as undici gives them: lower-case names, an array for repeated ones. */
export function readAnswerHeaders(
  raw: Readonly<Record<string, string | string[] | undefined>>,
): AnswerHeaders {
  let count = 0;
  for (const value of Object.values(raw))
    if (value !== undefined) count += typeof value === 'string' ? 1 : value.length;
  const all = (name: string): readonly string[] => {
    const key = name.toLowerCase();
    const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
    return typeof value === 'string' ? [value] : (value ?? []);
  };
  return { first: (name) => all(name)[0]?.trim(), all, count };
}
