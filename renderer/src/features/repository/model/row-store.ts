import { unreadableRow } from '../../../../../shared/contract/unreadable-row.ts';
import type { Client } from '../../../../../shared/contract/client.ts';
import type { TargetAddress } from '../../../../../shared/contract/common.ts';
import { ROWS_PER_CALL } from '../../../../../shared/contract/rows-per-call.ts';
import type { ResolvedTag, RowDetails } from '../../../../../shared/contract/repository.ts';
import { isCancellation, toErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import type { Row } from './row.ts';

/** How long rows have to stand still before anything is asked about them, in milliseconds. */
const STAND_STILL = 90;

/** What somebody wants to know whether it is on screen or not. */
export interface WantedAlways {
  /** Tags to resolve: all of a small repository. */
  readonly resolve: readonly string[];
  /** Digests to describe: for sorting by date. */
  readonly describe: readonly string[];
}

const NOTHING: WantedAlways = { resolve: [], describe: [] };

/** What is known of a repository's rows beyond their names, asked for as they come on screen. */
export interface RowStore {
  readonly subscribe: (listener: () => void) => () => void;
  /** Grows with every answer. */
  readonly version: () => number;
  /** Grows with every tag that turned out to name another digest than before, or was resolved at last. */
  readonly tagsVersion: () => number;
  readonly resolved: (tag: string) => ResolvedTag | undefined;
  readonly details: (digest: string) => RowDetails | undefined;
  readonly wantVisible: (rows: readonly Row[]) => void;
  readonly wantAlways: (wanted: WantedAlways) => void;
  /** Asks everything anew; what is known is shown until the new answer is there. */
  readonly readAgain: () => void;
  /** Stops asking. What is known stays known. */
  readonly pause: () => void;
}

interface Batch {
  readonly controller: AbortController;
  readonly pending: Set<string>;
  /** True for what is asked whether it is on screen or not. */
  readonly lasting: boolean;
}

/**
 * Asks in batches for what is on screen, and stops asking as soon as nothing of a batch is on screen any more.
 * Each tag and digest is asked once, until everything is read again.
 */
export function createRowStore(client: Client, target: TargetAddress): RowStore {
  const tags = new Map<string, ResolvedTag>();
  const rows = new Map<string, RowDetails>();
  /** Tags and digests whose answer is from before "Read again". */
  const outdated = new Set<string>();
  const batches = new Set<Batch>();
  const asked = new Set<string>();
  const listeners = new Set<() => void>();
  let visible: readonly Row[] = [];
  let always = NOTHING;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let version = 0;
  let tagsVersion = 0;
  let announced = false;

  const changed = (): void => {
    if (announced) return;
    announced = true;
    // Answers come in bursts: one turn of the screen for all of them.
    requestAnimationFrame(() => {
      announced = false;
      version++;
      for (const listener of listeners) listener();
    });
  };

  const take = (row: ResolvedTag): void => {
    if (tags.get(row.tag)?.digest !== row.digest || !tags.has(row.tag)) tagsVersion++;
    tags.set(row.tag, row);
    outdated.delete(row.tag);
    asked.delete(row.tag);
  };
  const describeRow = (row: RowDetails): void => {
    rows.set(row.digest, row);
    outdated.delete(row.digest);
    asked.delete(row.digest);
  };

  const start = (
    keys: readonly string[],
    lasting: boolean,
    call: (batch: Batch, keys: string[]) => Promise<unknown>,
    failed: (key: string, error: unknown) => void,
  ): void => {
    for (let from = 0; from < keys.length; from += ROWS_PER_CALL) {
      const part = keys.slice(from, from + ROWS_PER_CALL);
      const batch: Batch = { controller: new AbortController(), pending: new Set(part), lasting };
      for (const key of part) asked.add(key);
      batches.add(batch);
      call(batch, part)
        .catch((error: unknown) => {
          if (isCancellation(error)) return;
          for (const key of batch.pending) failed(key, error);
        })
        .finally(() => {
          batches.delete(batch);
          for (const key of batch.pending) asked.delete(key);
          changed();
          later(0);
        });
    }
  };

  const resolve = (names: readonly string[], lasting: boolean): void =>
    start(
      names,
      lasting,
      (batch, part) =>
        client.call(
          'repository.resolve',
          { target, tags: part },
          {
            signal: batch.controller.signal,
            onStep(step) {
              for (const row of step.rows) {
                take(row);
                batch.pending.delete(row.tag);
              }
              changed();
              later(0);
            },
          },
        ),
      (tag, error) => take({ tag, error: toErrorData(error) }),
    );

  const describe = (digests: readonly string[], lasting: boolean): void =>
    start(
      digests,
      lasting,
      (batch, part) =>
        client.call(
          'repository.describe',
          { target, digests: part },
          {
            signal: batch.controller.signal,
            onStep(step) {
              for (const row of step.rows) {
                describeRow(row);
                batch.pending.delete(row.digest);
              }
              changed();
            },
          },
        ),
      (digest, error) => describeRow(unreadableRow(digest, error)),
    );

  const digestOf = (row: Row): string | undefined =>
    row.digest ?? (row.tags[0] === undefined ? undefined : tags.get(row.tags[0])?.digest);

  const pump = (): void => {
    const visibleTags = new Set<string>();
    const visibleDigests = new Set<string>();
    for (const row of visible) {
      const digest = digestOf(row);
      const [tag] = row.tags;
      if (digest !== undefined) visibleDigests.add(digest);
      // A tag may name another digest by now.
      if (row.digest === undefined && tag !== undefined) visibleTags.add(tag);
    }
    for (const batch of batches) {
      const needed = [...batch.pending].some((key) => visibleTags.has(key) || visibleDigests.has(key));
      if (!batch.lasting && !needed && batch.pending.size > 0) batch.controller.abort();
    }
    const unknownTag = (tag: string): boolean => (!tags.has(tag) || outdated.has(tag)) && !asked.has(tag);
    const unknownDigest = (digest: string): boolean =>
      (!rows.has(digest) || outdated.has(digest)) && !asked.has(digest);
    resolve([...visibleTags].filter(unknownTag), false);
    describe([...visibleDigests].filter(unknownDigest), false);
    resolve(always.resolve.filter(unknownTag), true);
    describe([...new Set(always.describe)].filter(unknownDigest), true);
  };

  const later = (wait: number): void => {
    clearTimeout(timer);
    timer = setTimeout(pump, wait);
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => version,
    resolved: (tag) => tags.get(tag),
    details: (digest) => rows.get(digest),
    tagsVersion: () => tagsVersion,
    wantVisible(next) {
      const first = visible.length === 0;
      visible = next;
      later(first ? 0 : STAND_STILL);
    },
    wantAlways(next) {
      always = next;
      later(0);
    },
    readAgain() {
      for (const key of [...tags.keys(), ...rows.keys()]) outdated.add(key);
      later(0);
    },
    pause() {
      clearTimeout(timer);
      visible = [];
      always = NOTHING;
      for (const batch of batches) batch.controller.abort();
    },
  };
}
