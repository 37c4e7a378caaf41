import { quoteText } from '../display/display-text.ts';
import type { ErrorData } from '../errors/tallyman-error.ts';
import { isJsonObject, nameType } from './json-object.ts';
import { malformed } from './malformed.ts';

/** Annotations of a descriptor or manifest: string to string (image-spec annotations.md). Without a prototype (bar, F10). */
export type Annotations = Readonly<Record<string, string>>;

/** Reads an annotations object; entries that are no string are named in `problems` and left out. Null is none. */
export function readAnnotations(
  value: unknown,
  where: string,
  problems: ErrorData[],
): Annotations | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) {
    problems.push(malformed(where, `is ${nameType(value)}, not an object`));
    return undefined;
  }
  const annotations = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(value)) {
    const text = value[key];
    if (typeof text === 'string') annotations[key] = text;
    else problems.push(malformed(where, `has ${nameType(text)} for ${quoteText(key)}, not a string`));
  }
  return annotations;
}
