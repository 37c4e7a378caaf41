import { unreadableRow } from '../../../shared/contract/unreadable-row.ts';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { RepositoryEntry, ResolvedTag, RowDetails } from '../../../shared/contract/repository.ts';
import {
  type ErrorData,
  isCancellation,
  TallymanError,
  toErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import { type Digest, parseDigest } from '../../../shared/oci/digest.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { startTagLookup, type TagLookup } from '../../content/tag-lookup.ts';
import { WALK_TAG_LIMIT, WALK_TAG_PAGE_LIMIT } from '../../content/limits.ts';
import type { Target, TargetEntry } from '../../content/target.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import { findAttachments } from '../reading/attachments.ts';
import type { CatalogWatch } from '../sources/catalog-watch.ts';
import type { CompanionTags } from '../reading/companion-tags.ts';
import type { HandlersOf, Immutable } from '../handlers.ts';
import type { ManifestCache } from '../reading/manifest-cache.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { placeKey } from '../sources/place-key.ts';
import type { Ask, RowFacts } from '../reading/row-facts.ts';
import { readRowFacts } from '../reading/row-facts.ts';
import { createSizeLimitedCache } from '../reading/size-limited-cache.ts';

/** Questions that one call about rows has under way at once; the registry's own limit per host still holds. */
export const ROWS_CONCURRENCY = 12;
/** How long a tag is believed to name the digest that it named: long enough to scroll back, short enough to see a push. */
export const TAG_LIFE_MS = 15_000;
/** Rows whose facts are kept; a row takes a few hundred bytes. */
const ROW_FACTS_LIMIT = 20_000;
/** Tags whose digest is kept for a moment. */
const TAGS_LIMIT = 20_000;

export interface RepositoriesServiceOptions {
  readonly targets: OpenTargets;
  readonly manifests: ManifestCache;
  readonly companionTags: CompanionTags;
  readonly catalogs: CatalogWatch;
  /** The clock in milliseconds. */
  readonly now: () => number;
}

/** What all rows of one call have in common. */
interface RowQuestion {
  readonly place: string;
  readonly target: Target;
  readonly tags: Pick<TagLookup, 'find'>;
  readonly ask: Ask;
  readonly signal: AbortSignal;
}

/** What is in a registry and in a repository: names first, details only for the rows asked, each row as its answer comes. */
export function createRepositoriesService(
  options: RepositoriesServiceOptions,
): HandlersOf<'repositories.list' | 'repository.entries' | 'repository.resolve' | 'repository.describe'> {
  const { targets, manifests, companionTags, catalogs, now } = options;
  const factsCache = createSizeLimitedCache<RowFacts>(ROW_FACTS_LIMIT);
  const tagCache = createSizeLimitedCache<{ readonly row: ResolvedTag; readonly at: number }>(TAGS_LIMIT);

  const resolveTag = async (
    target: Target,
    place: string,
    tag: string,
    ask: Ask,
    signal: AbortSignal,
  ): Promise<ResolvedTag> => {
    const key = `${place} ${tag}`;
    const known = tagCache.get(key);
    if (known !== undefined && now() - known.at < TAG_LIFE_MS) return known.row;
    try {
      const descriptor = await ask(() => target.resolve(tag, { signal }));
      if (descriptor === undefined) return { tag, error: noSuchTag(target, tag) };
      const row = { tag, digest: descriptor.digest, mediaType: descriptor.mediaType, size: descriptor.size };
      tagCache.set(key, { row, at: now() }, 1);
      return row;
    } catch (error) {
      if (signal.aborted || isCancellation(error)) throw error;
      return { tag, error: toErrorData(error) };
    }
  };

  const factsOf = async (
    target: Target,
    place: string,
    digest: Digest,
    ask: Ask,
    signal: AbortSignal,
  ): Promise<RowFacts> => {
    const key = `${place} ${digest}`;
    const known = factsCache.get(key);
    if (known !== undefined) return known;
    const facts = await readRowFacts(manifests.remembering(target, place), digest, ask, signal);
    // With an error the facts may be those of one bad moment.
    if (facts.row.error === undefined) factsCache.set(key, facts, 1);
    return facts;
  };

  const describe = async (question: RowQuestion, text: string): Promise<Immutable<RowDetails>> => {
    const { place, target, tags, ask, signal } = question;
    let digest: Digest;
    try {
      digest = parseDigest(text);
    } catch (error) {
      return unreadableRow(text, error);
    }
    const facts = factsOf(target, place, digest, ask, signal);
    const attachments = findAttachments({
      target: manifests.remembering(target, place),
      subject: digest,
      attestations: facts.then(({ attestations }) => attestations).catch(() => []),
      tags,
      ask,
      signal,
    });
    // Both run at once and both are waited for: the digest is known, neither needs the other.
    const [read, attached] = await Promise.allSettled([facts, attachments]);
    if (signal.aborted) throw new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
    if (attached.status === 'rejected') throw attached.reason;
    if (read.status === 'rejected') return { ...unreadableRow(text, read.reason), ...attached.value };
    return { digest, ...read.value.row, ...attached.value };
  };

  /** Layouts list digests with their tags at no cost; registries are known by the listing that the window just read. */
  const tagsOf = (
    address: TargetAddress,
    target: Target,
    signal: AbortSignal,
    run: Ask,
  ): RowQuestion['tags'] =>
    address.repository === undefined
      ? startTagLookup({ target, signal, run, tagLimit: WALK_TAG_LIMIT, pageLimit: WALK_TAG_PAGE_LIMIT })
      : companionTags.lookup(placeKey(address));

  return {
    async 'repositories.list'({ source }, { signal, step }) {
      const registry = await targets.registry(source);
      const seen = new Set<string>();
      try {
        for await (const page of registry.listRepositories({ signal })) {
          const repositories = page.filter((name) => !seen.has(name));
          for (const name of repositories) seen.add(name);
          if (repositories.length > 0) step({ repositories });
        }
      } catch (error) {
        await catalogs.failed(source, error);
        throw error;
      }
      catalogs.listed(source);
      return { total: seen.size };
    },

    async 'repository.entries'({ target: address }, { signal, step }) {
      const target = await targets.target(address, signal);
      if (target.listEntries === undefined) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: `${target.label} cannot list what it holds.`,
          hint: 'Open an artifact by its tag or digest.',
        });
      }
      const place = placeKey(address);
      const tags = new Set<string>();
      let total = 0;
      companionTags.forget(place);
      for await (const page of target.listEntries({ signal })) {
        const entries = page
          .filter(({ tag }) => address.repository === undefined || tag === undefined || !tags.has(tag))
          .map(toEntry);
        for (const { tag } of entries) if (tag !== undefined) tags.add(tag);
        total += entries.length;
        if (entries.length > 0) step({ entries });
      }
      companionTags.remember(place, tags);
      return { total };
    },

    async 'repository.resolve'({ target: address, tags }, { signal, step }) {
      const target = await targets.target(address, signal);
      const place = placeKey(address);
      const pool = createTaskPool(ROWS_CONCURRENCY, signal);
      const ask: Ask = (task) => pool.run(task);
      await Promise.all(
        [...new Set(tags)].map(async (tag) => {
          // In a layout a tag can be any text; in a registry anything else must not get near a URL.
          const row: ResolvedTag =
            address.repository === undefined || isTag(tag)
              ? await resolveTag(target, place, tag, ask, signal)
              : { tag, error: noTag() };
          step({ rows: [row] });
        }),
      );
      return {};
    },

    async 'repository.describe'({ target: address, digests }, { signal, step }) {
      const target = await targets.target(address, signal);
      const pool = createTaskPool(ROWS_CONCURRENCY, signal);
      const ask: Ask = (task) => pool.run(task);
      const question = {
        place: placeKey(address),
        target,
        tags: tagsOf(address, target, signal, ask),
        ask,
        signal,
      };
      await Promise.all(
        [...new Set(digests)].map(async (digest) => step({ rows: [await describe(question, digest)] })),
      );
      return {};
    },
  };
}

function toEntry({ tag, descriptor }: TargetEntry): RepositoryEntry {
  return {
    ...(tag === undefined ? {} : { tag }),
    ...(descriptor === undefined
      ? {}
      : { digest: descriptor.digest, mediaType: descriptor.mediaType, size: descriptor.size }),
    ...(descriptor?.artifactType === undefined ? {} : { artifactType: descriptor.artifactType }),
  };
}

function noSuchTag(target: Target, tag: string): ErrorData {
  return {
    code: 'NOT_FOUND',
    message: `${target.label} has no tag ${tag.slice(0, 128)} any more.`,
    hint: 'It was deleted or renamed meanwhile: load the list again.',
  };
}

function noTag(): ErrorData {
  return {
    code: 'INVALID_REFERENCE',
    message: 'That is no tag.',
    hint: 'Tags have letters, digits, “_”, “.” and “-”, at most 128 characters.',
  };
}
