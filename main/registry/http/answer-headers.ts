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
  const values = new Map<string, readonly string[]>();
  let count = 0;
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const list = typeof value === 'string' ? [value] : value;
    values.set(name.toLowerCase(), list);
    count += list.length;
  }
  const all = (name: string): readonly string[] => values.get(name.toLowerCase()) ?? [];
  return { first: (name) => all(name)[0]?.trim(), all, count };
}
