import type { JsonObject } from './json-object.ts';

/**
 * A field of a document that differs from a known field only by case, `Layers` beside or instead of `layers`; undefined
 * when there is none. Go's JSON decoder takes such a field for the known one and JavaScript does not, so one digest would
 * mean two things, as in CVE-2021-41190.
 */
export function foldedField(object: JsonObject, known: readonly string[]): string | undefined {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    for (const name of known) {
      if (name.length === key.length && foldCase(name) === foldCase(key)) return key;
    }
  }
  return undefined;
}

/** Simple case folding as Go does it: U+017F and U+212A fold to ASCII letters too. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
