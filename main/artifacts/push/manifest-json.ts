import type { Annotations } from '../../../shared/oci/annotations.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';

/** The fields of an image manifest that is written; what is absent is left out. */
export interface ManifestFields {
  /** Absent in helm's form. */
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/**
 * The bytes of an image manifest as Go programs (oras, helm) write them: fields in the order of image-spec's Go types, names of
 * annotations in the order of their bytes, no white space, and `<`, `>`, `&`, U+2028 and U+2029 as escapes.
 */
export function manifestJson(fields: ManifestFields): Uint8Array {
  const text = object([
    ['schemaVersion', '2'],
    ['mediaType', optional(fields.mediaType)],
    ['artifactType', optional(fields.artifactType)],
    ['config', descriptorJson(fields.config)],
    ['layers', `[${fields.layers.map(descriptorJson).join(',')}]`],
    ['subject', fields.subject === undefined ? undefined : descriptorJson(fields.subject)],
    ['annotations', annotationsJson(fields.annotations)],
  ]);
  return Buffer.from(text);
}

/** A text as Go's encoding/json writes it. */
export function goString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A map of texts as Go's encoding/json writes it; undefined for an empty one, which Go leaves out. */
export function annotationsJson(annotations: Annotations | undefined): string | undefined {
  const keys = Object.keys(annotations ?? {});
  if (annotations === undefined || keys.length === 0) return undefined;
  keys.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return object(keys.map((key) => [key, optional(annotations[key])]));
}

/** An object from names and values that are JSON already; names without a value are left out. */
export function object(members: readonly (readonly [string, string | undefined])[]): string {
  const present = members.filter(([, value]) => value !== undefined);
  return `{${present.map(([name, value]) => `${goString(name)}:${value ?? ''}`).join(',')}}`;
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : goString(text);
}

function descriptorJson(descriptor: Descriptor): string {
  return object([
    ['mediaType', goString(descriptor.mediaType)],
    ['digest', goString(descriptor.digest)],
    ['size', String(descriptor.size)],
    ['annotations', annotationsJson(descriptor.annotations)],
    ['data', optional(descriptor.data)],
    ['artifactType', optional(descriptor.artifactType)],
  ]);
}
