import type { GraphLookup } from '../../shared/contract/graph.ts';
import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { decodeInlineData } from '../../shared/oci/inline-data.ts';
import { parseManifest, type ParsedManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import { contentToCopy, type CopiedBlob } from './copied-content.ts';
import { failureOf } from './copy-failure.ts';
import { findReferrers, type FoundReferrers } from './find-referrers.ts';
import { COPY_DEPTH_LIMIT, COPY_MANIFEST_LIMIT, WALK_TAG_LIMIT, WALK_TAG_PAGE_LIMIT } from './limits.ts';
import { startTagLookup, type TagLookup } from './tag-lookup.ts';
import type { FetchedManifest, Target } from './target.ts';
import type { TaskGroup } from './task-group.ts';
import type { TaskPool } from './task-pool.ts';
import { verifyBytes } from './verify-content.ts';

/** A manifest or index that belongs to the copy. */
export interface CopiedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly platform: Platform | undefined;
  /** Manifests that it names. */
  readonly children: readonly Digest[];
  readonly blobs: readonly CopiedBlob[];
  /** Layers of it that are left out. */
  readonly foreign: readonly Descriptor[];
  readonly subject: Digest | undefined;
  readonly isReferrer: boolean;
}

export interface CopyReaderOptions {
  readonly from: Target;
  readonly referrers: boolean;
  readonly group: TaskGroup;
  /** Runs the questions to the source. */
  readonly pool: TaskPool;
  /** Every manifest of the copy, once, in any order. */
  readonly onManifest: (manifest: CopiedManifest) => void;
  /** A tag by which cosign finds a manifest of the copy. */
  readonly onCompanionTag: (tag: string, digest: Digest) => void;
  readonly onNote: (note: ErrorData) => void;
}

/** A manifest while it is found out whether it belongs to the copy. */
interface ReadNode {
  readonly digest: Digest;
  /** Belongs to the copy: a root, named by a manifest of it, or a referrer that says so itself. */
  confirmed: boolean;
  isReferrer: boolean;
  depth: number;
  platform: Platform | undefined;
  read: { readonly fetched: FetchedManifest; readonly parsed: ParsedManifest } | undefined;
  failure: ErrorData | undefined;
  /** Manifests of the copy that it is said to be about. */
  readonly claims: { readonly subject: Digest; readonly depth: number }[];
  /** What is known of its referrers, as long as it is not confirmed. */
  readonly found: FoundReferrers[];
  readonly lookups: GraphLookup[];
}

/**
 * Reads what belongs to a copy: everything below its roots and, where that is asked for, what refers to any of it. Referrers are
 * asked for as soon as a digest is known, at the same time as its manifest: a level then costs one way there and back.
 *
 * What a source only claims to be a referrer, and is not there, is noted and left out; all else that cannot be read fails the copy.
 */
export class CopyReader {
  readonly #options: CopyReaderOptions;
  readonly #nodes = new Map<Digest, ReadNode>();
  readonly #tags: TagLookup | undefined;

  constructor(options: CopyReaderOptions) {
    this.#options = options;
    const { from, referrers, group, pool } = options;
    if (!referrers) return;
    this.#tags = startTagLookup({
      target: from,
      signal: group.signal,
      run: (task) => pool.run(task),
      tagLimit: WALK_TAG_LIMIT,
      pageLimit: WALK_TAG_PAGE_LIMIT,
    });
  }

  /** Begins at what is known by its digest. */
  addDigest(digest: Digest, descriptor: Descriptor | undefined): void {
    this.#confirm(this.#visit(digest, 0, descriptor), false);
  }

  /** Begins at what was read already. */
  addFetched(fetched: FetchedManifest): void {
    this.#confirm(this.#visit(fetched.descriptor.digest, 0, fetched.descriptor, fetched), false);
  }

  /** Whether a manifest belongs to the copy, as far as is known. */
  isCopied(digest: Digest): boolean {
    return this.#nodes.get(digest)?.confirmed === true;
  }

  /** Nothing is read any more: notes referrers that are listed and are not there. */
  finish(): void {
    for (const { digest, confirmed, failure } of this.#nodes.values()) {
      if (confirmed || failure === undefined) continue;
      this.#options.onNote({
        code: 'MISSING',
        message: `${digest} is listed as a referrer in ${this.#options.from.label} and is not there: there is nothing to copy.`,
        hint: 'It was deleted without its line in the list.',
        details: { digest },
      });
    }
  }

  /** The node, being read. */
  #visit(
    digest: Digest,
    depth: number,
    descriptor: Descriptor | undefined,
    fetched?: FetchedManifest,
  ): ReadNode {
    const known = this.#nodes.get(digest);
    if (known !== undefined) {
      known.platform ??= descriptor?.platform;
      return known;
    }
    if (depth > COPY_DEPTH_LIMIT)
      throw tooMuch(`The graph is more than ${COPY_DEPTH_LIMIT} levels deep.`, COPY_DEPTH_LIMIT);
    if (this.#nodes.size >= COPY_MANIFEST_LIMIT)
      throw tooMuch(`The graph has more than ${COPY_MANIFEST_LIMIT} manifests.`, COPY_MANIFEST_LIMIT);
    const node: ReadNode = {
      digest,
      confirmed: false,
      isReferrer: false,
      depth,
      platform: descriptor?.platform,
      read: undefined,
      failure: undefined,
      claims: [],
      found: [],
      lookups: [],
    };
    this.#nodes.set(digest, node);
    const { group } = this.#options;
    group.spawn(() => this.#read(node, descriptor, fetched));
    const tags = this.#tags;
    if (tags !== undefined) group.spawn(() => this.#askReferrers(node, tags));
    return node;
  }

  async #read(
    node: ReadNode,
    descriptor: Descriptor | undefined,
    given: FetchedManifest | undefined,
  ): Promise<void> {
    const { from, group, pool } = this.#options;
    try {
      const fetched =
        given ??
        inlineManifest(descriptor) ??
        (await pool.run(() => from.fetchManifest(descriptor ?? node.digest, { signal: group.signal })));
      if (fetched.descriptor.digest !== node.digest)
        throw wrongAnswer(node.digest, fetched.descriptor.digest);
      node.read = { fetched, parsed: parseManifest(fetched.bytes, fetched.descriptor.mediaType) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = failureOf(error, `Reading ${node.digest} from ${from.label}`);
      if (node.confirmed || !isAbsence(error)) throw failure;
      node.failure = failure.toData(); // only claimed so far: it may be nothing but a line that was left over
      return;
    }
    if (node.confirmed) this.#descend(node);
    else this.#judge(node);
  }

  async #askReferrers(node: ReadNode, tags: TagLookup): Promise<void> {
    const { from, group, pool } = this.#options;
    await findReferrers({
      target: from,
      subject: node.digest,
      tags,
      signal: group.signal,
      run: (task) => pool.run(task),
      onFound: (found) =>
        this.#orFail(() => (node.confirmed ? this.#takeFound(node, found) : node.found.push(found))),
      onLookup: (lookup) =>
        this.#orFail(() => (node.confirmed ? this.#takeLookup(lookup) : node.lookups.push(lookup))),
    });
  }

  /** What goes wrong with an answer is not the fault of the question: the search must not take it for one of its own. */
  #orFail(take: () => unknown): void {
    try {
      take();
    } catch (error) {
      this.#options.group.fail(error);
    }
  }

  #confirm(node: ReadNode, isReferrer: boolean): void {
    node.isReferrer ||= isReferrer;
    if (node.confirmed) return;
    node.confirmed = true;
    if (node.failure !== undefined) throw new TallymanError(node.failure);
    if (node.read !== undefined) this.#descend(node);
    for (const lookup of node.lookups.splice(0)) this.#takeLookup(lookup);
    for (const found of node.found.splice(0)) this.#takeFound(node, found);
  }

  /** It was read: does it say itself that it is about what others claim? */
  #judge(node: ReadNode): void {
    const subject = node.read?.parsed.subject?.digest;
    const claim = node.claims.find((claimed) => claimed.subject === subject);
    if (claim === undefined) return;
    node.depth = claim.depth;
    this.#confirm(node, true);
  }

  #descend(node: ReadNode): void {
    const { read, depth } = node;
    if (read === undefined) return;
    node.read = undefined; // documents can be large
    const { fetched, parsed } = read;
    const { children, blobs, foreign } = contentOf(parsed, node.digest, this.#options.from);
    for (const child of children) this.#confirm(this.#visit(child.digest, depth + 1, child), false);
    this.#options.onManifest({
      descriptor: {
        mediaType: parsed.mediaType,
        digest: node.digest,
        size: fetched.bytes.byteLength,
        ...(parsed.artifactType === undefined ? {} : { artifactType: parsed.artifactType }),
      },
      bytes: fetched.bytes,
      platform: node.platform ?? fetched.descriptor.platform,
      children: children.map(({ digest }) => digest),
      blobs,
      foreign,
      subject: parsed.subject?.digest,
      isReferrer: node.isReferrer,
    });
  }

  #takeFound(subject: ReadNode, found: FoundReferrers): void {
    const depth = subject.depth + 1;
    if ('fetched' in found) {
      const { descriptor } = found.fetched;
      if (descriptor.digest === subject.digest) return;
      this.#options.onCompanionTag(found.tag, descriptor.digest);
      this.#confirm(this.#visit(descriptor.digest, depth, descriptor, found.fetched), true);
      return;
    }
    if ('named' in found) {
      const [named] = found.named;
      if (named === undefined || named.digest === subject.digest) return;
      if (!isManifestMediaType(named.mediaType)) {
        this.#leaveOut(named);
        return;
      }
      this.#options.onCompanionTag(found.tag, named.digest);
      this.#confirm(this.#visit(named.digest, depth, named), true);
      return;
    }
    for (const descriptor of found.claimed) {
      if (descriptor.digest === subject.digest) continue;
      if (!isManifestMediaType(descriptor.mediaType)) this.#leaveOut(descriptor);
      else this.#claim(descriptor.digest, subject.digest, depth);
    }
  }

  /** By its digest alone: what a list says of its size does not matter. */
  #claim(digest: Digest, subject: Digest, depth: number): void {
    const node = this.#visit(digest, depth, undefined);
    if (node.confirmed) return;
    node.claims.push({ subject, depth });
    if (node.read !== undefined) this.#judge(node);
  }

  #leaveOut({ digest, mediaType }: Descriptor): void {
    this.#options.onNote({
      code: 'UNSUPPORTED',
      message: `${digest} is listed as a referrer in ${this.#options.from.label} and is no manifest: it is left out.`,
      details: { digest, mediaType },
    });
  }

  #takeLookup(lookup: GraphLookup): void {
    if (lookup.outcome !== 'failed') return; // a place that has no such source is asked by the others
    throw failureOf(
      new TallymanError(lookup.error ?? { code: 'INTERNAL', message: 'No reason was given.' }),
      `Looking for what refers to ${lookup.subject} in ${this.#options.from.label}`,
    );
  }
}

function contentOf(parsed: ParsedManifest, digest: Digest, from: Target): ReturnType<typeof contentToCopy> {
  try {
    return contentToCopy(parsed);
  } catch (error) {
    throw failureOf(error, `Copying ${digest} from ${from.label}`);
  }
}

/** The manifest that its descriptor carries in `data`, when it is right to the last bit. */
function inlineManifest(descriptor: Descriptor | undefined): FetchedManifest | undefined {
  if (descriptor === undefined || !isVerifiable(descriptor.digest)) return undefined;
  const bytes = decodeInlineData(descriptor);
  if (bytes === undefined) return undefined;
  try {
    verifyBytes(bytes, descriptor);
    return { descriptor, bytes };
  } catch {
    return undefined;
  }
}

function isAbsence(error: unknown): boolean {
  const { code } = toErrorData(error);
  return code === 'NOT_FOUND' || code === 'MISSING';
}

function wrongAnswer(asked: Digest, got: Digest): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The place was asked for ${asked} and answered with ${got}.`,
    hint: 'Do not use it; ask whoever runs the place.',
    details: { expected: asked, actual: got },
  });
}

function tooMuch(message: string, limit: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message,
    hint: 'Copy a part of it: one platform, or without referrers.',
    details: { limit },
  });
}
