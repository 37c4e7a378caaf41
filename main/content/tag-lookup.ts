import { isCancellation } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { Target, TargetEntry } from './target.ts';

/**
 * What the listing says about one tag: `absent` only where the listing is whole; `unknown` asks for one look at the
 * place itself. Descriptors are there where the place lists them (layouts), more than one where a tag names several.
 */
export type TagKnowledge =
  | { readonly known: 'absent' }
  | { readonly known: 'present'; readonly descriptors: readonly Descriptor[] }
  | { readonly known: 'unknown' };

export interface TagLookupOptions {
  readonly target: Target;
  readonly signal: AbortSignal;
  /** Runs the listing among the other questions to the place. */
  readonly run: <Result>(task: () => Promise<Result>) => Promise<Result>;
  readonly tagLimit: number;
  readonly pageLimit: number;
}

/** The tags of a place, listed once so that looking for companion tags costs no request for each node. */
export interface TagLookup {
  /** Settles with the listing. Rejects only when cancelled: without a listing every tag is `unknown`. */
  readonly ready: Promise<void>;
  /** What the listing says about a tag, as soon as it is there. */
  find(tag: string): Promise<TagKnowledge>;
  /**
   * The entries of the listing, up to its limits.
   * @throws TallymanError whatever the listing threw.
   */
  entries(): Promise<readonly TargetEntry[]>;
  /** True where a limit ended the listing. */
  cut(): boolean;
  /** Tags that are known to name this digest. */
  tagsOf(digest: Digest): readonly string[];
  /** Remembers what a tag named when it was looked up. */
  learn(tag: string, digest: Digest): void;
}

/** Starts the listing at once and answers from it as soon as it is there. */
export function startTagLookup({ target, signal, run, tagLimit, pageLimit }: TagLookupOptions): TagLookup {
  const entries: TargetEntry[] = [];
  const descriptorsByTag = new Map<string, Descriptor[]>();
  const tagsByDigest = new Map<Digest, Set<string>>();
  let state: 'whole' | 'cut' | 'unlisted' = 'unlisted';

  const learned = new Map<Digest, Set<string>>();

  const take = (entry: TargetEntry): void => {
    entries.push(entry);
    if (entry.tag === undefined) return;
    const descriptors = descriptorsByTag.get(entry.tag) ?? [];
    descriptorsByTag.set(entry.tag, descriptors);
    if (entry.descriptor === undefined) return;
    descriptors.push(entry.descriptor);
    addTo(tagsByDigest, entry.descriptor.digest, entry.tag);
  };

  const list = async (): Promise<void> => {
    if (target.listEntries === undefined) return;
    let pages = 0;
    for await (const page of target.listEntries({ signal })) {
      pages += 1;
      if (pages > pageLimit || entries.length + page.length > tagLimit) {
        state = 'cut';
        return;
      }
      for (const entry of page) take(entry);
    }
    state = 'whole';
  };

  const listed = run(list);
  // A place without a listing is no failure: tags are then asked one by one, and those questions say what fails.
  const ready = listed.catch((error: unknown) => {
    if (isCancellation(error)) throw error;
  });
  ready.catch(() => undefined);

  return {
    ready,
    async find(tag) {
      await ready;
      const descriptors = descriptorsByTag.get(tag);
      if (descriptors !== undefined) return { known: 'present', descriptors };
      return { known: state === 'whole' ? 'absent' : 'unknown' };
    },
    async entries() {
      await listed;
      return entries;
    },
    cut: () => state === 'cut',
    tagsOf(digest) {
      // A layout also finds content by a part of its name; its listing has the name itself.
      const others = [...(learned.get(digest) ?? [])].filter(
        (tag) => state !== 'whole' || descriptorsByTag.has(tag),
      );
      return [...new Set([...(tagsByDigest.get(digest) ?? []), ...others])];
    },
    learn: (tag, digest) => addTo(learned, digest, tag),
  };
}

function addTo(map: Map<Digest, Set<string>>, digest: Digest, tag: string): void {
  const tags = map.get(digest);
  if (tags === undefined) map.set(digest, new Set([tag]));
  else tags.add(tag);
}
