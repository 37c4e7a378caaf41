import { createHash } from 'node:crypto';
import { toErrorData, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestAlgorithm, isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { decodeInlineData } from '../../shared/oci/inline-data.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import { digestOf } from '../content/digest-of.ts';
import { verifiableAlgorithm } from '../content/verify-content.ts';
import type { LayoutReader } from './layout-reader.ts';
import { blobName, digestOfName, type LayoutStorage } from './layout-storage.ts';

export interface CheckOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * What is wrong in one place.
 * - `index`: index.json cannot be read; what is a root is not known then, so nothing is said of orphans
 * - `entry`: an entry of index.json is malformed
 * - `corrupt`: the bytes do not have the digest of their name
 * - `no-file`: a link, folder or device in the place of a blob
 * - `unreadable`: the disk refused
 * - `manifest`: the bytes are right, and the document is malformed or ambiguous
 * - `missing`: something names it, and it is not there
 * - `foreign`: the same, of a layer that is meant to lie elsewhere: normal
 * - `size`: something names it with another size than it has
 */
export interface LayoutProblem {
  readonly kind:
    'index' | 'entry' | 'corrupt' | 'no-file' | 'unreadable' | 'manifest' | 'missing' | 'foreign' | 'size';
  /** The blob or manifest in question. */
  readonly digest?: Digest;
  /** Bytes that are there; of what is missing, bytes that should be. */
  readonly size?: number;
  /** The manifests that name it; empty for entries of index.json. */
  readonly namedBy: readonly Digest[];
  readonly error: ErrorData;
}

export interface LayoutCheck {
  /** Blobs that were read whole. */
  readonly blobs: number;
  readonly bytes: number;
  readonly problems: readonly LayoutProblem[];
  /** Whole blobs that index.json does not lead to. Nothing is wrong with them; garbage collection may take them. */
  readonly orphans: readonly { readonly digest: Digest; readonly size: number }[];
  /** Names in the folder of blobs that are no digests, and blobs whose algorithm cannot be computed: not looked at. */
  readonly unchecked: readonly string[];
}

/** Media types and urls that say "lies elsewhere" (image-spec layer.md, Non-Distributable Layers). */
const FOREIGN = /nondistributable|\.foreign\./;

interface FoundBlob {
  readonly size: number;
  readonly state: 'whole' | 'damaged' | 'unchecked';
}

/**
 * Reads everything in a layout: each blob against its digest, each manifest that `index.json` leads to, and each name in it.
 * Goes on after every fault, so that one answer names all of them. Changes nothing.
 * @throws TallymanError only when the work is cancelled, or the folder itself cannot be listed.
 */
export async function checkLayout(
  storage: LayoutStorage,
  reader: LayoutReader,
  options: CheckOptions,
): Promise<LayoutCheck> {
  const check = new Check(storage, reader, options);
  await check.readBlobs();
  await check.followIndex();
  return check.result();
}

class Check {
  readonly #storage: LayoutStorage;
  readonly #reader: LayoutReader;
  readonly #options: CheckOptions;
  readonly #found = new Map<Digest, FoundBlob>();
  readonly #reached = new Set<Digest>();
  readonly #problems = new Map<string, LayoutProblem & { readonly namedBy: Digest[] }>();
  readonly #unchecked: string[] = [];
  #bytes = 0;
  #blobs = 0;
  #hasIndex = false;

  constructor(storage: LayoutStorage, reader: LayoutReader, options: CheckOptions) {
    this.#storage = storage;
    this.#reader = reader;
    this.#options = options;
  }

  result(): LayoutCheck {
    const orphans = [...this.#found].filter(
      ([digest, { state }]) => state === 'whole' && !this.#reached.has(digest),
    );
    return {
      blobs: this.#blobs,
      bytes: this.#bytes,
      problems: [...this.#problems.values()],
      orphans: this.#hasIndex ? orphans.map(([digest, { size }]) => ({ digest, size })) : [],
      unchecked: this.#unchecked,
    };
  }

  async readBlobs(): Promise<void> {
    for await (const name of this.#storage.blobNames(this.#options.signal)) {
      const digest = digestOfName(name);
      const stored = await this.#storage.look(name);
      if (digest === undefined) {
        this.#unchecked.push(name);
      } else if (stored.state === 'refused') {
        this.#found.set(digest, { size: 0, state: 'damaged' });
        const message = `${digest} in ${this.#storage.place} is ${stored.what}.`;
        this.#note({
          kind: 'no-file',
          digest,
          error: { code: 'UNREADABLE', message, hint: 'Put the content itself there.' },
        });
      } else if (stored.state === 'file') {
        this.#found.set(digest, {
          size: stored.size,
          state: await this.#readBlob(name, digest, stored.size),
        });
      }
    }
  }

  async followIndex(): Promise<void> {
    const { signal } = this.#options;
    let entries;
    try {
      ({ entries } = (await this.#reader.index(signal)).index);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#note({ kind: 'index', error: toErrorData(error) });
      return;
    }
    this.#hasIndex = true;
    for (const { problems } of entries)
      for (const problem of problems) this.#note({ kind: 'entry', error: problem });
    let level = entries.flatMap(({ descriptor }) =>
      descriptor === undefined ? [] : [{ descriptor, parent: undefined as Digest | undefined }],
    );
    while (level.length > 0) {
      const next: typeof level = [];
      for (const { descriptor, parent } of level) {
        const isNew = !this.#reached.has(descriptor.digest);
        this.#reached.add(descriptor.digest);
        const isThere = this.#compare(descriptor, parent);
        if (!isNew || !isThere || !isManifestMediaType(descriptor.mediaType)) continue;
        next.push(...(await this.#readManifest(descriptor)));
      }
      level = next;
    }
  }

  async #readBlob(name: string, digest: Digest, size: number): Promise<FoundBlob['state']> {
    if (!isVerifiable(digest)) {
      this.#unchecked.push(name);
      return 'unchecked';
    }
    const { signal, onProgress } = this.#options;
    const hash = createHash(verifiableAlgorithm(digest));
    try {
      for await (const chunk of this.#storage.read(name, { offset: 0, signal })) {
        hash.update(chunk);
        this.#bytes += chunk.byteLength;
        onProgress?.(this.#bytes);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      this.#note({ kind: 'unreadable', digest, size, error: toErrorData(error) });
      return 'damaged';
    }
    this.#blobs += 1;
    const actual = `${digestAlgorithm(digest)}:${hash.digest('hex')}`;
    if (actual === digest) return 'whole';
    const message = `The bytes of ${digest} in ${this.#storage.place} have the digest ${actual}.`;
    this.#note({
      kind: 'corrupt',
      digest,
      size,
      error: {
        code: 'DIGEST_MISMATCH',
        message,
        hint: 'Repair the layout, then get the content again from where it came from.',
      },
    });
    return 'damaged';
  }

  /** Holds what names content against what is there. */
  #compare(descriptor: Descriptor, parent: Digest | undefined): boolean {
    const { digest, size } = descriptor;
    const found = this.#found.get(digest);
    if (found === undefined) {
      if (isInline(descriptor)) return false;
      const kind =
        FOREIGN.test(descriptor.mediaType) || (descriptor.urls ?? []).length > 0 ? 'foreign' : 'missing';
      const message = `${digest} (${blobName(digest)}) is not in ${this.#storage.place}.`;
      this.#note(
        {
          kind,
          digest,
          size,
          error: { code: 'MISSING', message, hint: 'Get it again from where the layout came from.' },
        },
        parent,
      );
      return false;
    }
    if (found.state === 'damaged') {
      for (const problem of this.#problems.values()) {
        if (problem.digest === digest && parent !== undefined && !problem.namedBy.includes(parent))
          problem.namedBy.push(parent);
      }
      return false;
    }
    if (found.size !== size) {
      const message = `${digest} has ${found.size} bytes; ${parent ?? 'index.json'} says ${size}.`;
      const hint = 'Whoever made that document has to make it again.';
      this.#note(
        { kind: 'size', digest, size: found.size, error: { code: 'SIZE_MISMATCH', message, hint } },
        parent,
      );
    }
    return found.state === 'whole';
  }

  async #readManifest(
    descriptor: Descriptor,
  ): Promise<readonly { readonly descriptor: Descriptor; readonly parent: Digest }[]> {
    const { digest } = descriptor;
    const size = this.#found.get(digest)?.size ?? descriptor.size;
    const { signal } = this.#options;
    try {
      const { bytes } = await this.#reader.manifest(digest, { descriptor }, signal);
      const parsed = parseManifest(bytes, descriptor.mediaType);
      for (const problem of parsed.problems) this.#note({ kind: 'manifest', digest, size, error: problem });
      if (parsed.form === 'index')
        return parsed.manifests.map((child) => ({ descriptor: child, parent: digest }));
      if (parsed.form === 'schema-1') {
        return parsed.layerDigests.map((layer) => ({
          descriptor: this.#schemaOneLayer(layer),
          parent: digest,
        }));
      }
      const named = [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers];
      return named.map((blob) => ({ descriptor: blob, parent: digest }));
    } catch (error) {
      if (signal.aborted) throw error;
      this.#note({ kind: 'manifest', digest, size, error: toErrorData(error) });
      return [];
    }
  }

  /** Schema 1 names no sizes. */
  #schemaOneLayer(digest: Digest): Descriptor {
    return { mediaType: 'application/octet-stream', digest, size: this.#found.get(digest)?.size ?? 0 };
  }

  #note(problem: Omit<LayoutProblem, 'namedBy'>, parent?: Digest): void {
    const key = `${problem.kind} ${problem.digest ?? ''} ${problem.kind === 'missing' || problem.kind === 'foreign' ? '' : problem.error.message}`;
    const known = this.#problems.get(key);
    const namedBy = known?.namedBy ?? [];
    if (parent !== undefined && !namedBy.includes(parent)) namedBy.push(parent);
    if (known === undefined) this.#problems.set(key, { ...problem, namedBy });
  }
}

/** Content that its descriptor carries whole need not lie in the layout. */
function isInline(descriptor: Descriptor): boolean {
  const bytes = decodeInlineData(descriptor);
  if (bytes === undefined || !isVerifiable(descriptor.digest)) return false;
  return digestOf(bytes, verifiableAlgorithm(descriptor.digest)) === descriptor.digest;
}

/** Whether a check found anything that is wrong; layers that are meant to lie elsewhere are not. */
export function isSound({ problems }: LayoutCheck): boolean {
  return problems.every(({ kind }) => kind === 'foreign');
}
