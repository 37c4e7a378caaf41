/**
 * Parts of a JSON text as they are written, so that a document can be changed in one place and keep every other byte:
 * numbers that JavaScript cannot hold, unknown fields, their order. The text must be valid JSON (`parseStrictJson` took it).
 */

/** One field of an object. */
export interface ObjectSlice {
  readonly key: string;
  readonly keyText: string;
  readonly valueText: string;
}

/** The fields of the object that `text` is, in order. */
export function sliceObject(text: string): readonly ObjectSlice[] {
  const slices: ObjectSlice[] = [];
  let position = skipBlanks(text, skipBlanks(text, 0) + 1);
  while (text[position] !== '}') {
    const keyEnd = skipString(text, position);
    const keyText = text.slice(position, keyEnd);
    const valueStart = skipBlanks(text, skipBlanks(text, keyEnd) + 1); // behind the colon
    const valueEnd = skipValue(text, valueStart);
    slices.push({ key: JSON.parse(keyText) as string, keyText, valueText: text.slice(valueStart, valueEnd) });
    position = afterComma(text, valueEnd);
  }
  return slices;
}

/** The values of the array that `text` is, in order. */
export function sliceArray(text: string): readonly string[] {
  const slices: string[] = [];
  let position = skipBlanks(text, skipBlanks(text, 0) + 1);
  while (text[position] !== ']') {
    const end = skipValue(text, position);
    slices.push(text.slice(position, end));
    position = afterComma(text, end);
  }
  return slices;
}

/** An object of slices. */
export function joinObject(slices: readonly ObjectSlice[]): string {
  return `{${slices.map(({ keyText, valueText }) => `${keyText}:${valueText}`).join(',')}}`;
}

/** An array of slices. */
export function joinArray(slices: readonly string[]): string {
  return `[${slices.join(',')}]`;
}

/** The fields with one of them replaced, or added at the end; removed when `valueText` is undefined. */
export function withField(
  slices: readonly ObjectSlice[],
  key: string,
  valueText: string | undefined,
): readonly ObjectSlice[] {
  if (valueText === undefined) return slices.filter((slice) => slice.key !== key);
  const replacement = { key, keyText: JSON.stringify(key), valueText };
  const known = slices.some((slice) => slice.key === key);
  return known ? slices.map((slice) => (slice.key === key ? replacement : slice)) : [...slices, replacement];
}

function afterComma(text: string, position: number): number {
  const next = skipBlanks(text, position);
  return text[next] === ',' ? skipBlanks(text, next + 1) : next;
}

function skipValue(text: string, position: number): number {
  const first = text[position];
  if (first === '"') return skipString(text, position);
  if (first !== '{' && first !== '[') return skipWord(text, position);
  let depth = 0;
  for (let index = position; index < text.length;) {
    const character = text[index];
    if (character === '"') {
      index = skipString(text, index);
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    index += 1;
    if (depth === 0) return index;
  }
  return text.length;
}

function skipString(text: string, position: number): number {
  let index = position + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

/** A number, `true`, `false` or `null`. */
function skipWord(text: string, position: number): number {
  let index = position;
  while (index < text.length && /[-+.0-9A-Za-z]/.test(text[index] ?? '')) index += 1;
  return index;
}

function skipBlanks(text: string, position: number): number {
  let index = position;
  while (index < text.length && ' \t\n\r'.includes(text[index] ?? '')) index += 1;
  return index;
}
