import { quoteText } from '../../shared/display/display-text.ts';
import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import { parseManifest, type ParsedManifest } from '../../shared/oci/manifest.ts';
import { isIndexMediaType } from '../../shared/oci/media-types.ts';
import { companionSubject } from './companion-subject.ts';
import {
  bytesOf,
  type ContainingIndex,
  type DeletePlan,
  type PlannedManifest,
  type PlannedReferrer,
} from './delete-plan.ts';
import { findReferrers, type FoundReferrers } from './find-referrers.ts';
import { DELETE_MANIFEST_LIMIT, DELETE_TAG_LIMIT, WALK_CONCURRENCY } from './limits.ts';
import { startTagLookup, type TagLookup } from './tag-lookup.ts';
import type { FetchedManifest, Target, TargetOptions } from './target.ts';
import { TaskGroup } from './task-group.ts';
import { createTaskPool } from './task-pool.ts';

/**
 * Finds out what deleting a tag's or digest's manifest would mean: every tag that dies with it, everything that refers to it,
 * every index of the place that contains it. Registries list tags without digests, so each tag costs a question.
 *
 * @throws TallymanError NOT_FOUND, and what resolving the reference throws; what cannot be looked at beyond that is in `unseen`.
 */
export async function planDelete(
  target: Target,
  reference: string,
  { signal }: TargetOptions,
): Promise<DeletePlan> {
  const descriptor = await target.resolve(reference, { signal });
  if (descriptor === undefined) {
    throw new TallymanError({
      code: 'NOT_FOUND',
      message: `${target.label} has no ${quoteText(reference)}.`,
      hint: 'It may be deleted already. Check the spelling, and that the account may see it.',
    });
  }
  return new DeleteSearch(target, descriptor, signal).run(isDigest(reference) ? undefined : reference);
}

/** A manifest that was found, before the tags are known. */
interface Found {
  readonly descriptor: Descriptor;
  readonly parsed: ParsedManifest | undefined;
}

class DeleteSearch {
  readonly #target: Target;
  readonly #root: Descriptor;
  readonly #group: TaskGroup;
  readonly #ask: <Result>(task: () => Promise<Result>) => Promise<Result>;
  readonly #tags: TagLookup;
  readonly #tagsOf = new Map<Digest, string[]>();
  readonly #referrers = new Map<Digest, Found & { readonly subject: Digest }>();
  readonly #indexes = new Map<Digest, Found>();
  /** Manifests that were asked for, by what for. */
  readonly #asked = new Set<string>();
  readonly #unseen: ErrorData[] = [];
  #read = 0;

  constructor(target: Target, root: Descriptor, asked: AbortSignal) {
    this.#target = target;
    this.#root = root;
    this.#group = new TaskGroup(asked);
    const { signal } = this.#group;
    const pool = createTaskPool(WALK_CONCURRENCY, signal);
    this.#ask = (task) => pool.run(task);
    this.#tags = startTagLookup({
      target,
      signal,
      run: this.#ask,
      tagLimit: DELETE_TAG_LIMIT,
      pageLimit: Infinity,
    });
  }

  async run(tag: string | undefined): Promise<DeletePlan> {
    const { signal } = this.#group;
    let root: ParsedManifest | undefined;
    try {
      this.#group.spawn(async () => {
        root = (await this.#fetch(this.#root))?.parsed;
      });
      this.#group.spawn(() => this.#lookThroughEntries());
      this.#searchReferrers(this.#root.digest);
      await this.#group.settled();
    } finally {
      this.#group.end();
    }
    signal.throwIfAborted();
    const doomed = new Set([this.#root.digest, ...this.#referrers.keys()]);
    return {
      label: this.#target.label,
      tag,
      root: this.#planned({ descriptor: this.#root, parsed: root }),
      // What refers to something was found after it.
      referrers: [...this.#referrers.values()]
        .reverse()
        .map((found): PlannedReferrer => ({ ...this.#planned(found), subject: found.subject })),
      indexes: [...this.#indexes.values()].flatMap((found): readonly ContainingIndex[] => {
        const children = found.parsed?.form === 'index' ? found.parsed.manifests : [];
        const contains = [...new Set(children.map(({ digest }) => digest))].filter((digest) =>
          doomed.has(digest),
        );
        if (contains.length === 0 || doomed.has(found.descriptor.digest)) return [];
        return [{ ...this.#planned(found), contains }];
      }),
      unseen: this.#unseen,
    };
  }

  #planned({ descriptor, parsed }: Found): PlannedManifest {
    // They came in the order of the answers.
    const tags = [...(this.#tagsOf.get(descriptor.digest) ?? [])].sort();
    return { descriptor, parsed, bytes: bytesOf(descriptor, parsed), tags };
  }

  #searchReferrers(subject: Digest): void {
    this.#group.spawn(() =>
      findReferrers({
        target: this.#target,
        subject,
        tags: this.#tags,
        signal: this.#group.signal,
        run: this.#ask,
        onFound: (found) => this.#takeReferrers(subject, found),
        onLookup: (lookup) => {
          if (lookup.outcome === 'failed' && lookup.error !== undefined) this.#unseen.push(lookup.error);
        },
      }),
    );
  }

  #takeReferrers(subject: Digest, found: FoundReferrers): void {
    if ('fetched' in found) {
      this.#takeReferrer(subject, parsed(found.fetched));
      return;
    }
    const isClaim = 'claimed' in found;
    for (const descriptor of isClaim ? found.claimed : found.named) {
      if (!this.#first(`referrer ${subject} ${descriptor.digest}`)) continue;
      this.#group.spawn(async () => {
        const read = await this.#fetch(descriptor);
        if (read === undefined) return;
        // A claim counts when the manifest says so itself; what lies under cosign's tag belongs to the digest by its name.
        if (isClaim && read.parsed?.subject?.digest !== subject) return;
        this.#takeReferrer(subject, read);
      });
    }
  }

  #takeReferrer(subject: Digest, found: Found): void {
    const { digest } = found.descriptor;
    if (digest === this.#root.digest || this.#referrers.has(digest)) return;
    this.#referrers.set(digest, { ...found, subject });
    this.#searchReferrers(digest);
  }

  /** Learns what every tag names, and looks into every index. */
  async #lookThroughEntries(): Promise<void> {
    const { signal } = this.#group;
    if (this.#target.listEntries === undefined) {
      this.#unseen.push(cannotList(this.#target));
      return;
    }
    let failed: { readonly first: ErrorData; count: number } | undefined;
    const learn = async (tag: string | undefined, known: Descriptor | undefined): Promise<void> => {
      try {
        const descriptor =
          known ??
          (tag === undefined ? undefined : await this.#ask(() => this.#target.resolve(tag, { signal })));
        if (descriptor === undefined) return;
        if (tag !== undefined) addTo(this.#tagsOf, descriptor.digest, tag);
        // The index of referrers under a fallback tag is kept in order, not broken.
        const isFallback = tag !== undefined && companionSubject(tag)?.via === 'fallback-tag';
        if (!isFallback) this.#lookInto(descriptor);
      } catch (error) {
        if (isCancellation(error)) throw error;
        if (failed === undefined) failed = { first: toErrorData(error), count: 1 };
        else failed.count += 1;
      }
    };
    try {
      const entries = await this.#tags.entries();
      await Promise.all(entries.map(({ tag, descriptor }) => learn(tag, descriptor)));
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.#unseen.push(toErrorData(error));
    }
    if (failed !== undefined) {
      const { first, count } = failed;
      this.#unseen.push(
        count === 1
          ? first
          : { ...first, message: `${first.message} Nor could ${count - 1} more tags be looked at.` },
      );
    }
    if (this.#tags.cut()) this.#unseen.push(tooManyTags(this.#target));
  }

  #lookInto(descriptor: Descriptor): void {
    if (!isIndexMediaType(descriptor.mediaType) || !this.#first(`index ${descriptor.digest}`)) return;
    this.#group.spawn(async () => {
      const found = await this.#fetch(descriptor);
      if (found?.parsed?.form !== 'index') return;
      this.#indexes.set(descriptor.digest, found);
      for (const child of found.parsed.manifests) this.#lookInto(child);
    });
  }

  #first(question: string): boolean {
    if (this.#asked.has(question)) return false;
    this.#asked.add(question);
    return true;
  }

  /** Undefined where it could not be read; that is noted, unless it is simply not there. */
  async #fetch(descriptor: Descriptor): Promise<Found | undefined> {
    const { signal } = this.#group;
    this.#read += 1;
    if (this.#read > DELETE_MANIFEST_LIMIT) {
      if (this.#read === DELETE_MANIFEST_LIMIT + 1) this.#unseen.push(tooManyManifests(this.#target));
      return undefined;
    }
    try {
      return parsed(await this.#ask(() => this.#target.fetchManifest(descriptor, { signal })), descriptor);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const data = toErrorData(error);
      if (data.code !== 'MISSING' && data.code !== 'NOT_FOUND') this.#unseen.push(data);
      return undefined;
    }
  }
}

/** The descriptor that led there knows more than the answer; what is no manifest has no meaning beyond its bytes. */
function parsed({ bytes, descriptor }: FetchedManifest, named: Descriptor = descriptor): Found {
  try {
    return { descriptor: named, parsed: parseManifest(bytes, descriptor.mediaType) };
  } catch {
    return { descriptor: named, parsed: undefined };
  }
}

function addTo(map: Map<Digest, string[]>, digest: Digest, tag: string): void {
  const tags = map.get(digest);
  if (tags === undefined) map.set(digest, [tag]);
  else tags.push(tag);
}

function cannotList({ label }: Target): ErrorData {
  return {
    code: 'UNSUPPORTED',
    message: `${label} does not list its tags: other tags of the digest, and indexes that contain it, are not known.`,
    hint: 'Look there with its own web page before you delete.',
  };
}

function tooManyTags({ label }: Target): ErrorData {
  return {
    code: 'LIMIT',
    message: `${label} has more than ${DELETE_TAG_LIMIT} tags; the rest was not looked at.`,
    hint: 'Other tags of the digest, and indexes that contain it, may not be in the list.',
    details: { limit: DELETE_TAG_LIMIT },
  };
}

function tooManyManifests({ label }: Target): ErrorData {
  return {
    code: 'LIMIT',
    message: `More than ${DELETE_MANIFEST_LIMIT} manifests of ${label} would have to be looked at; the rest was not.`,
    hint: 'There may be more referrers and indexes than those in the list.',
    details: { limit: DELETE_MANIFEST_LIMIT },
  };
}
