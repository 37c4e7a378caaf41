import path from 'node:path';
import type { Source } from '../../../shared/contract/source.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { KeptSource } from './sources-file.ts';
import { readSourcesFile, writeSourcesFile } from './sources-file.ts';

/** Id of the local store; there is exactly one. */
export const LOCAL_SOURCE = 'local';
/** Sources that one list may hold. */
export const SOURCES_LIMIT = 1000;
/** Repositories that may be pinned in one registry. */
export const PINNED_LIMIT = 10_000;

/** A source with what is needed to open it. */
export type KnownSource = KnownRegistry | KnownLayout;

export interface KnownRegistry {
  readonly kind: 'registry';
  readonly id: string;
  readonly host: string;
  /** What the person asked for; undefined: decided at the first contact. */
  readonly plainHttp?: boolean;
  readonly source: Source;
}

export interface KnownLayout {
  readonly kind: 'layout' | 'local';
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly source: Source;
}

/** What one run of the program learned about a registry; never kept. */
export interface LearnedFacts {
  readonly plainHttp?: boolean;
  readonly account?: Source['account'];
}

/** The sources of the sidebar, in order, the local store first. */
export interface SourceList {
  list(): Promise<readonly Source[]>;
  /** @throws TallymanError NOT_FOUND when it is not in the list: only what the person added is ever opened. */
  get(id: string): Promise<KnownSource>;
  find(id: string): Promise<KnownSource | undefined>;
  /** Adds, or answers the one that is there; a `plainHttp` that differs is taken over. */
  addRegistry(host: string, plainHttp?: boolean): Promise<KnownSource>;
  addLayout(path: string): Promise<KnownSource>;
  /** Forgets it; nothing on disk or in a registry is touched. */
  remove(id: string): Promise<void>;
  pin(id: string, repository: string, pinned: boolean): Promise<void>;
  learn(id: string, facts: LearnedFacts): Promise<void>;
}

export interface SourceListOptions {
  /** The file that keeps the list; absent: this run only, nothing is read or written. */
  readonly file?: string;
  /** Folder of the local store. */
  readonly storePath: string;
  readonly onChange: (sources: readonly Source[]) => void;
  readonly onWarning: (text: string) => void;
}

export function registryId(host: string): string {
  return `registry:${host}`;
}

export function layoutId(absolutePath: string): string {
  return `layout:${absolutePath}`;
}

export function createSourceList(options: SourceListOptions): SourceList {
  const { file } = options;
  let kept: readonly KeptSource[] = [];
  let locked = false;
  let loading: Promise<void> | undefined;
  let lastChange: Promise<unknown> = Promise.resolve();
  const learned = new Map<string, LearnedFacts>();

  const read = async (): Promise<void> => {
    if (file === undefined) return;
    const found = await readSourcesFile(file);
    kept = found.sources;
    locked = found.locked;
    if (found.warning !== undefined) options.onWarning(found.warning);
  };
  const loaded = (): Promise<void> => (loading ??= read());

  const known = (): KnownSource[] => [
    localStore(options.storePath),
    ...kept.map((source) => describe(source, learned.get(idOf(source)))),
  ];
  const sources = (): Source[] => known().map(({ source }) => source);

  /** One change after the other, each on the list as it is on disk now: two windows of two programs do not undo each other. */
  const change = (edit: (sources: readonly KeptSource[]) => readonly KeptSource[]): Promise<void> => {
    const next = lastChange.then(async () => {
      await loaded();
      if (edit(kept) === kept) return;
      if (file !== undefined) await read();
      if (locked) {
        throw new TallymanError({
          code: 'UNREADABLE',
          message: `The list of sources ${file ?? ''} cannot be read, so it is not replaced.`,
          hint: 'Check its rights, or use the version of Tallyman that wrote it.',
        });
      }
      const edited = edit(kept);
      if (edited !== kept) {
        if (file !== undefined) await writeSourcesFile(file, edited);
        kept = edited;
      }
      options.onChange(sources());
    });
    lastChange = next.catch(() => undefined);
    return next;
  };

  const find = async (id: string): Promise<KnownSource | undefined> => {
    await loaded();
    return known().find((source) => source.id === id);
  };
  const get = async (id: string): Promise<KnownSource> => {
    const found = await find(id);
    if (found !== undefined) return found;
    throw new TallymanError({
      code: 'NOT_FOUND',
      message: `${id} is not among the sources.`,
      hint: 'Open it again from the bar at the top: its host or its path.',
    });
  };

  return {
    async list() {
      await loaded();
      return sources();
    },
    find,
    get,
    async addRegistry(host, plainHttp) {
      const id = registryId(host);
      await change((before) => {
        const index = before.findIndex((source) => idOf(source) === id);
        const old = before[index];
        if (old?.kind !== 'registry')
          return append(before, {
            kind: 'registry',
            host,
            ...(plainHttp === undefined ? {} : { plainHttp }),
            pinned: [],
          });
        if (plainHttp === undefined || old.plainHttp === plainHttp) return before;
        return before.with(index, { ...old, plainHttp });
      });
      return await get(id);
    },
    async addLayout(layoutPath) {
      const id = layoutId(layoutPath);
      await change((before) =>
        before.some((source) => idOf(source) === id)
          ? before
          : append(before, { kind: 'layout', path: layoutPath }),
      );
      return await get(id);
    },
    async remove(id) {
      if (id === LOCAL_SOURCE) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: 'The local store cannot be removed.',
          hint: 'It costs nothing while it is empty.',
        });
      }
      await get(id);
      await change((before) => before.filter((source) => idOf(source) !== id));
      learned.delete(id);
    },
    async pin(id, repository, pinned) {
      const source = await get(id);
      if (source.kind !== 'registry') {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: 'Only repositories of registries can be pinned.',
        });
      }
      await change((before) => {
        const index = before.findIndex((each) => idOf(each) === id);
        const old = before[index];
        if (old?.kind !== 'registry' || old.pinned.includes(repository) === pinned) return before;
        if (pinned && old.pinned.length >= PINNED_LIMIT)
          throw tooMany(PINNED_LIMIT, 'pinned repositories in one registry');
        return before.with(index, {
          ...old,
          pinned: pinned ? [...old.pinned, repository] : old.pinned.filter((each) => each !== repository),
        });
      });
    },
    async learn(id, facts) {
      await loaded();
      const before = learned.get(id);
      const after = { ...before, ...facts };
      if (
        before?.plainHttp === after.plainHttp &&
        before?.account?.username === after.account?.username &&
        before?.account?.from === after.account?.from
      )
        return;
      learned.set(id, after);
      options.onChange(sources());
    },
  };
}

function append(sources: readonly KeptSource[], source: KeptSource): readonly KeptSource[] {
  if (sources.length >= SOURCES_LIMIT) throw tooMany(SOURCES_LIMIT, 'sources');
  return [...sources, source];
}

function tooMany(limit: number, what: string): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `There are ${limit} ${what} already.`,
    hint: 'Remove some first.',
    details: { limit },
  });
}

function idOf(source: KeptSource): string {
  return source.kind === 'registry' ? registryId(source.host) : layoutId(source.path);
}

function localStore(storePath: string): KnownLayout {
  const source: Source = {
    id: LOCAL_SOURCE,
    kind: 'local',
    label: 'Local store',
    location: storePath,
    pinned: [],
  };
  return { kind: 'local', id: LOCAL_SOURCE, path: storePath, source };
}

function describe(kept: KeptSource, facts: LearnedFacts | undefined): KnownSource {
  const id = idOf(kept);
  if (kept.kind === 'layout') {
    const source: Source = {
      id,
      kind: 'layout',
      label: path.basename(kept.path) || kept.path,
      location: kept.path,
      pinned: [],
    };
    return { kind: 'layout', id, path: kept.path, source };
  }
  const plainHttp = kept.plainHttp ?? facts?.plainHttp;
  const source: Source = {
    id,
    kind: 'registry',
    label: kept.host,
    location: kept.host,
    pinned: [...kept.pinned],
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(facts?.account === undefined ? {} : { account: facts.account }),
  };
  return {
    kind: 'registry',
    id,
    host: kept.host,
    ...(kept.plainHttp === undefined ? {} : { plainHttp: kept.plainHttp }),
    source,
  };
}
