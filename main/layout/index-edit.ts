import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import {
  joinArray,
  joinObject,
  sliceArray,
  sliceObject,
  withField,
  type ObjectSlice,
} from './json-slices.ts';
import { parseLayoutIndex, REF_NAME, type LayoutEntry } from './layout-index.ts';

/** One entry as it is written, and what it says. */
interface EditableEntry extends LayoutEntry {
  readonly text: string;
}

/** How one entry of a digest should be: its name, and annotations to be set, or removed where undefined. */
interface WantedEntry {
  readonly refName?: string | undefined;
  readonly annotations: Readonly<Record<string, string | undefined>>;
}

/**
 * An index document that can be changed without touching what is not meant: unknown fields, the order of entries and
 * every entry that is kept stay byte for byte. Values; every change makes a new one.
 */
export class EditableIndex {
  readonly entries: readonly EditableEntry[];
  readonly #fields: readonly ObjectSlice[];

  private constructor(fields: readonly ObjectSlice[], entries: readonly EditableEntry[]) {
    this.#fields = fields;
    this.entries = entries;
  }

  /** @throws TallymanError as `parseLayoutIndex`: what cannot be read is never changed. */
  static parse(bytes: Uint8Array, place: string): EditableIndex {
    const { entries } = parseLayoutIndex(bytes, place);
    const fields = sliceObject(new TextDecoder().decode(bytes));
    const manifests = fields.find(({ key }) => key === 'manifests')?.valueText ?? 'null';
    const texts = manifests.startsWith('[') ? sliceArray(manifests) : [];
    return new EditableIndex(
      fields,
      texts.map((text, position) => ({ problems: [], ...entries[position], text })),
    );
  }

  /** An index without entries. */
  static empty(): EditableIndex {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] });
    return EditableIndex.parse(Buffer.from(text), 'a new index');
  }

  toBytes(): Uint8Array {
    const manifests = joinArray(this.entries.map(({ text }) => text));
    return Buffer.from(joinObject(withField(this.#fields, 'manifests', manifests)));
  }

  find(refName: string): Descriptor | undefined {
    return this.entries.find((entry) => entry.refName === refName)?.descriptor;
  }

  lists(digest: Digest): boolean {
    return this.entries.some(({ descriptor }) => descriptor?.digest === digest);
  }

  /** With an entry that has no name, unless the digest has an entry already. */
  withListed(descriptor: Descriptor): EditableIndex {
    return this.lists(descriptor.digest) ? this : this.#withEntries([...this.entries, newEntry(descriptor)]);
  }

  /**
   * With a name on a descriptor and on nothing else. An entry of the same digest without a name gets it; otherwise the
   * first entry of the digest is copied, or a new one made. What the name meant before stays listed without it.
   */
  withName(refName: string, descriptor: Descriptor): EditableIndex {
    const current = this.entries.filter((entry) => entry.refName === refName);
    if (current.length === 1 && current[0]?.descriptor?.digest === descriptor.digest) return this;
    const index = this.withoutName(refName);
    const position = index.entries.findIndex(
      (entry) => entry.descriptor?.digest === descriptor.digest && entry.refName === undefined,
    );
    const unnamed = index.entries[position];
    if (unnamed !== undefined)
      return index.#withEntries(index.entries.with(position, renamed(unnamed, refName)));
    const model =
      index.entries.find((entry) => entry.descriptor?.digest === descriptor.digest) ?? newEntry(descriptor);
    return index.#withEntries([...index.entries, renamed(model, refName)]);
  }

  /** Without a name; the content that it meant stays listed, once. */
  withoutName(refName: string): EditableIndex {
    const kept: EditableEntry[] = [];
    const listed = new Set(
      this.entries.filter((entry) => entry.refName !== refName).map(({ descriptor }) => descriptor?.digest),
    );
    for (const entry of this.entries) {
      if (entry.refName !== refName) kept.push(entry);
      else if (!listed.has(entry.descriptor?.digest)) {
        listed.add(entry.descriptor?.digest);
        kept.push(renamed(entry, undefined));
      }
    }
    return this.#withEntries(kept);
  }

  /**
   * With exactly these entries of a digest, in the places of its old ones, new ones at the end. An entry that keeps its name
   * keeps everything that is not asked to change; one with a new name is a copy of the entry without a name, else of the
   * first, else made of the descriptor.
   */
  withEntriesOf(descriptor: Descriptor, wanted: readonly WantedEntry[]): EditableIndex {
    const isOld = (entry: EditableEntry): boolean => entry.descriptor?.digest === descriptor.digest;
    const old = this.entries.filter(isOld);
    const model = old.find(({ refName }) => refName === undefined) ?? old[0] ?? newEntry(descriptor);
    const made = wanted.map(({ refName, annotations }) =>
      annotated(old.find((entry) => entry.refName === refName) ?? model, {
        ...annotations,
        [REF_NAME]: refName,
      }),
    );
    const left = [...made];
    const kept = this.entries.flatMap((entry) => (isOld(entry) ? left.splice(0, 1) : [entry]));
    return this.#withEntries([...kept, ...left]);
  }

  /** Without any entry of a digest, named or not. */
  without(digest: Digest): EditableIndex {
    return this.#withEntries(this.entries.filter(({ descriptor }) => descriptor?.digest !== digest));
  }

  #withEntries(entries: readonly EditableEntry[]): EditableIndex {
    return new EditableIndex(this.#fields, entries);
  }
}

function newEntry(descriptor: Descriptor): EditableEntry {
  const { mediaType, digest, size, platform, annotations, artifactType } = descriptor;
  const text = JSON.stringify({
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform: platformDocument(platform) }),
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
  });
  return readEntry(text);
}

/** A platform as documents have it. */
export function platformDocument(platform: NonNullable<Descriptor['platform']>): object {
  const { os, architecture, variant, osVersion, osFeatures } = platform;
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(osFeatures === undefined ? {} : { 'os.features': osFeatures }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** The entry with another name, or with none: the annotation alone is changed. */
function renamed(entry: EditableEntry, refName: string | undefined): EditableEntry {
  return annotated(entry, { [REF_NAME]: refName });
}

/** The entry with other values of some annotations, or without those that are undefined. */
function annotated(
  entry: EditableEntry,
  changes: Readonly<Record<string, string | undefined>>,
): EditableEntry {
  const fields = sliceObject(entry.text);
  const before = fields.find(({ key }) => key === 'annotations')?.valueText ?? 'null';
  const old = before.startsWith('{') ? sliceObject(before) : [];
  const texts = Object.entries(changes).map(
    ([key, value]) => [key, value === undefined ? undefined : JSON.stringify(value)] as const,
  );
  if (texts.every(([key, text]) => old.find((slice) => slice.key === key)?.valueText === text)) return entry;
  const annotations = texts.reduce((all, [key, text]) => withField(all, key, text), old);
  return readEntry(
    joinObject(
      withField(fields, 'annotations', annotations.length === 0 ? undefined : joinObject(annotations)),
    ),
  );
}

function readEntry(text: string): EditableEntry {
  const { entries } = parseLayoutIndex(Buffer.from(`{"manifests":[${text}]}`), 'an entry');
  return { problems: [], ...entries[0], text };
}
