/** An object of a parsed document. Fields are read with `field`, never through the prototype (bar, F10). */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own field of an object, undefined when it has none: `constructor` of `{}` is undefined. */
export function field(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** What a value is, for messages: "null", "a list", "a number", "an object", "absent". */
export function nameType(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value === '' ? 'empty' : 'a string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
