import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import type { TaskPool } from '../content/task-pool.ts';
import type { FetchedManifest } from '../content/target.ts';
import type { LayoutIndex } from './layout-index.ts';

/** Manifests that one collection reads; beyond, it refuses. */
export const MARK_MANIFEST_LIMIT = 1_000_000;

/** Anything in a document of an unknown type that reads like the digest of a blob keeps that blob. */
const DIGEST_IN_TEXT = /sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128})/g;

/** What a manifest keeps alive, and whom it is about. */
export interface MarkedManifest {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Digest[];
  readonly subject: Digest | undefined;
}

export interface MarkOptions {
  /** Reads a manifest, verified, whatever size its descriptor claims. */
  readonly fetch: (digest: Digest, signal: AbortSignal) => Promise<FetchedManifest>;
  /** Manifests read before; what they name never changes. New ones are added. */
  readonly known: Map<Digest, MarkedManifest>;
  /**
   * Goes on where manifests are missing that an index lists, as in a layout of which only some platforms were copied. Without,
   * a missing manifest stops everything: nobody knows what it would keep.
   */
  readonly sparse: boolean;
  /** Runs the reading, a few at once. */
  readonly pool: TaskPool;
  readonly signal: AbortSignal;
}

/**
 * Everything that the entries of `index.json` and the leased content lead to: children, configs, layers. A manifest does not
 * keep its subject. Documents of a type that is not known keep whatever they mention.
 * @throws TallymanError whatever stopped it from reading a manifest that is reached (`MISSING`, `DIGEST_MISMATCH`, `MALFORMED`…),
 * or an entry that is malformed: what cannot be read might keep anything, so nothing may be removed then.
 */
export async function markLive(
  index: LayoutIndex,
  leased: Iterable<Digest>,
  options: MarkOptions,
): Promise<Set<Digest>> {
  const live = new Set<Digest>();
  for (const { descriptor, problems } of index.entries) {
    const [problem] = problems;
    if (descriptor === undefined)
      throw new TallymanError(
        problem ?? { code: 'MALFORMED', message: 'An entry of index.json is malformed.' },
      );
  }
  const entries = index.entries.flatMap(({ descriptor }) => descriptor ?? []);
  await markFrom(entries, live, options);
  for (const digest of leased) await markLeased(digest, live, options);
  return live;
}

/** Adds these manifests and everything that they lead to. */
export async function markFrom(
  roots: readonly Descriptor[],
  live: Set<Digest>,
  options: MarkOptions,
): Promise<void> {
  const visited = new Set<Digest>();
  let level = roots;
  while (level.length > 0) {
    const fresh = level.filter(({ digest }) => !visited.has(digest) && visited.add(digest));
    if (visited.size > MARK_MANIFEST_LIMIT) throw tooMany();
    const read = await Promise.all(
      fresh.map((descriptor) => options.pool.run(() => mark(descriptor, live, options))),
    );
    level = read.flatMap((marked) => marked?.manifests ?? []);
  }
}

async function mark(
  descriptor: Descriptor,
  live: Set<Digest>,
  options: MarkOptions,
): Promise<MarkedManifest | undefined> {
  live.add(descriptor.digest);
  const marked = options.known.get(descriptor.digest) ?? (await readMarked(descriptor, options));
  if (marked === undefined) return undefined;
  options.known.set(descriptor.digest, marked);
  for (const blob of marked.blobs) live.add(blob);
  return marked;
}

async function readMarked(
  descriptor: Descriptor,
  { fetch, sparse, signal }: MarkOptions,
): Promise<MarkedManifest | undefined> {
  if (!isVerifiable(descriptor.digest)) return undefined; // nothing of this algorithm is ever removed
  const isKnownType = isManifestMediaType(descriptor.mediaType);
  try {
    const { bytes } = await fetch(descriptor.digest, signal);
    return isKnownType
      ? readManifest(bytes, descriptor.mediaType)
      : { manifests: [], blobs: digestsIn(bytes), subject: undefined };
  } catch (error) {
    const code = error instanceof TallymanError ? error.code : undefined;
    if (sparse && (code === 'MISSING' || code === 'NOT_FOUND')) return undefined;
    // Content that is no manifest may be of any size.
    if (!isKnownType && code === 'LIMIT') return undefined;
    throw error;
  }
}

/**
 * What a manifest names. One in which something is wrong keeps everything that it mentions, readable or not.
 * @throws TallymanError as `parseManifest`, and for an index in which something is wrong: a child that was skipped would lose
 * what is below it.
 */
export function readManifest(bytes: Uint8Array, mediaType: string): MarkedManifest {
  const parsed = parseManifest(bytes, mediaType);
  const [problem] = parsed.problems;
  const subject = parsed.subject?.digest;
  if (parsed.form === 'index') {
    if (problem !== undefined) throw new TallymanError(problem);
    return { manifests: parsed.manifests, blobs: [], subject };
  }
  const mentioned = problem === undefined ? [] : digestsIn(bytes);
  if (parsed.form === 'schema-1')
    return { manifests: [], blobs: [...parsed.layerDigests, ...mentioned], subject };
  const described = [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers];
  return { manifests: [], blobs: [...described.map(({ digest }) => digest), ...mentioned], subject };
}

function digestsIn(bytes: Uint8Array): readonly Digest[] {
  const mentioned: readonly string[] = Buffer.from(bytes).toString('latin1').match(DIGEST_IN_TEXT) ?? [];
  return mentioned.filter(isDigest);
}

/** Content under a lease may be a blob or, with everything below, a manifest that index.json does not list yet. */
async function markLeased(digest: Digest, live: Set<Digest>, options: MarkOptions): Promise<void> {
  live.add(digest);
  if (!isVerifiable(digest)) return;
  const manifest = await options.fetch(digest, options.signal).catch((error: unknown) => {
    if (error instanceof TallymanError && !options.signal.aborted) return undefined; // not there yet, or no manifest
    throw error;
  });
  if (manifest === undefined || !isManifestMediaType(manifest.descriptor.mediaType)) return;
  await markFrom([manifest.descriptor], live, { ...options, sparse: true });
}

function tooMany(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The layout has more than ${quoteText(String(MARK_MANIFEST_LIMIT))} manifests: its garbage is not collected.`,
    hint: 'Split the layout into several.',
    details: { limit: MARK_MANIFEST_LIMIT },
  });
}
