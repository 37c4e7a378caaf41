import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import { readDescriptor, type Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { field, isJsonObject, nameType, type JsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';

/** The annotation that names an entry (image-spec annotations.md); what is commonly a tag, but may be any text. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** One entry of `index.json`, in its order. */
export interface LayoutEntry {
  /** The text of the annotation ref.name, even an empty one; absent for entries without. */
  readonly refName?: string;
  /** Absent when the entry is malformed: `problems` then says how. */
  readonly descriptor?: Descriptor;
  readonly problems: readonly ErrorData[];
}

/** What `index.json` says. */
export interface LayoutIndex {
  readonly entries: readonly LayoutEntry[];
  /** Entries by digest, the first of each. */
  readonly byDigest: ReadonlyMap<Digest, LayoutEntry>;
}

/**
 * Reads `index.json`. An entry that is malformed is kept and named: one bad line does not hide the others.
 * `"manifests": null` and an absent list are empty, as Go programs write an empty layout.
 * @throws TallymanError MALFORMED or AMBIGUOUS when the document cannot be read; it never passes for an empty layout.
 */
export function parseLayoutIndex(bytes: Uint8Array, place: string): LayoutIndex {
  const document = parseIndexDocument(bytes, place);
  const manifests = field(document, 'manifests');
  if (manifests !== undefined && manifests !== null && !Array.isArray(manifests)) {
    throw unreadable(place, `its field manifests is ${nameType(manifests)}, not a list`);
  }
  const entries = ((manifests ?? []) as readonly unknown[]).map((value, position) =>
    readEntry(value, position),
  );
  const byDigest = new Map<Digest, LayoutEntry>();
  for (const entry of entries) {
    const digest = entry.descriptor?.digest;
    if (digest !== undefined && !byDigest.has(digest)) byDigest.set(digest, entry);
  }
  return { entries, byDigest };
}

/** The document of `index.json`, an object; its fields are not checked. */
export function parseIndexDocument(bytes: Uint8Array, place: string): JsonObject {
  if (bytes.byteLength === 0)
    throw unreadable(place, 'it is empty, as after a crash of the program that wrote it');
  let document: unknown;
  try {
    document = parseStrictJson(bytes);
  } catch (error) {
    const code = error instanceof TallymanError && error.code === 'AMBIGUOUS' ? 'AMBIGUOUS' : 'MALFORMED';
    throw unreadable(place, describeFault(error), { code, cause: error });
  }
  if (!isJsonObject(document)) throw unreadable(place, `it holds ${nameType(document)}, not an object`);
  return document;
}

/** The reason of a parser as the end of a sentence about a file. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return 'it is no JSON';
  return error.message.replace(/^The document /, 'it ').replace(/\.$/, '');
}

function readEntry(value: unknown, position: number): LayoutEntry {
  const problems: ErrorData[] = [];
  const descriptor = readDescriptor(value, `index.json manifests[${position}]`, problems);
  const annotations = isJsonObject(value) ? field(value, 'annotations') : undefined;
  const name = isJsonObject(annotations) ? field(annotations, REF_NAME) : undefined;
  return {
    ...(typeof name === 'string' ? { refName: name } : {}),
    ...(descriptor === undefined ? {} : { descriptor }),
    problems,
  };
}

function unreadable(
  place: string,
  what: string,
  { code = 'MALFORMED', cause }: { readonly code?: 'MALFORMED' | 'AMBIGUOUS'; readonly cause?: unknown } = {},
): TallymanError {
  return new TallymanError(
    {
      code,
      message: `The file index.json of ${place} cannot be read: ${what}.`,
      hint: 'The blobs are untouched. Restore index.json from a copy, or copy the layout again from where it came from.',
      details: { file: 'index.json' },
    },
    { cause },
  );
}
