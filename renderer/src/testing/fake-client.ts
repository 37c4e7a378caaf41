import type { Client } from '../../../shared/contract/client.ts';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import type {
  BroadcastName,
  ProcedureInput,
  ProcedureName,
  ProcedureOutput,
  ProcedureStep,
} from '../../../shared/contract/contract.ts';
import type { Place, Source } from '../../../shared/contract/source.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { fakeContent, fakeDescription } from './fake-content.ts';
import { fakeFan, fakeSmallGraph, fakeSteps, fakeTeamAppGraph, fakeTroubledGraph } from './fake-graph.ts';
import type { FakeGraph } from './fake-graph.ts';
import { fakeStoreHandlers } from './fake-store.ts';
import { fakeTransferHandlers } from './fake-transfers.ts';
import { ACME, FAKE_REPOSITORIES, OFFLINE, PACKAGES, RELEASE_LAYOUT, fakeSources } from './fake-sources.ts';
import {
  fakeCompanionTags,
  fakeHugeTags,
  fakeLayoutEntries,
  fakeSmallRepository,
  fakeTeamApp,
} from './fake-tags.ts';
import type { FakeRow } from './fake-tags.ts';

export interface FakeOptions {
  /** Milliseconds before each answer and between steps; 0 in tests. */
  readonly latency?: number;
  /** Tags of `huge/app`. */
  readonly hugeTags?: number;
  /** No source but the empty local store, as at the first start. */
  readonly firstStart?: boolean;
  readonly host?: 'electron' | 'web';
}

/** The invented services, with what tests look at afterwards. */
export interface FakeClient extends Client {
  /** Names of all calls so far, in order. */
  readonly calls: { readonly name: ProcedureName; readonly input: unknown }[];
  /** Sends a broadcast to whoever listens. */
  broadcast(name: BroadcastName, payload: unknown): void;
}

interface Answering<Name extends ProcedureName> {
  readonly input: ProcedureInput<Name>;
  readonly step: (step: ProcedureStep<Name>) => Promise<void>;
}

type Handlers = {
  readonly [Name in ProcedureName]: (call: Answering<Name>) => Promise<ProcedureOutput<Name>>;
};

/** An in-memory client with an invented world behind it, for development without a host and for tests. */
export function createFakeClient({
  latency = 0,
  hugeTags = 50_000,
  firstStart = false,
  host = 'electron',
}: FakeOptions = {}): FakeClient {
  let sources: Source[] = firstStart ? fakeSources().slice(0, 1) : fakeSources();
  let sampleMade = !firstStart;
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: FakeClient['calls'] = [];

  const broadcast = (name: BroadcastName, payload: unknown): void => {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  };
  const changeSources = (next: Source[]): void => {
    sources = next;
    broadcast('sources.changed', { sources });
  };
  const find = (id: string): Source => {
    const found = sources.find((each) => each.id === id);
    if (found === undefined)
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: `There is no source “${id}”.`,
        hint: 'Add it first.',
      });
    return found;
  };
  const update = (id: string, change: Partial<Source>): Source => {
    const next = { ...find(id), ...change };
    changeSources(sources.map((each) => (each.id === id ? next : each)));
    return next;
  };
  const addSource = (
    id: string,
    kind: Source['kind'],
    label: string,
    location: string,
    plainHttp?: boolean,
  ): Source => {
    const existing = sources.find((each) => each.id === id);
    if (existing !== undefined) return existing;
    const fresh: Source = {
      id,
      kind,
      label,
      location,
      pinned: [],
      ...(plainHttp === undefined ? {} : { plainHttp }),
    };
    changeSources([...sources, fresh]);
    return fresh;
  };

  const handlers: Handlers = {
    'host.info': () =>
      Promise.resolve({
        host,
        version: '0.1.0',
        operatingSystem: 'linux',
        canPickFolder: host === 'electron',
        canPickFiles: host === 'electron',
        canDragOut: host === 'electron',
      }),
    'sources.list': () => Promise.resolve({ sources }),
    'sources.add': ({ input }) => {
      if (input.kind === 'layout') {
        if (!input.location.includes('layout')) {
          throw new TallymanError({
            code: 'NOT_A_LAYOUT',
            message: `${input.location} holds no file “oci-layout”.`,
            hint: 'Choose the folder that holds “oci-layout” and “index.json”, or a tar of it.',
          });
        }
        const label = input.location.split('/').at(-1) ?? input.location;
        return Promise.resolve({
          source: addSource(`layout:${input.location}`, 'layout', label, input.location),
        });
      }
      return Promise.resolve({
        source: addSource(
          `registry:${input.location}`,
          'registry',
          input.location,
          input.location,
          input.plainHttp,
        ),
      });
    },
    'sources.remove': ({ input }) => {
      changeSources(sources.filter((each) => each.id !== input.source));
      return Promise.resolve({});
    },
    'sources.pin': ({ input }) => {
      const rest = find(input.source).pinned.filter((name) => name !== input.repository);
      update(input.source, { pinned: input.pinned ? [...rest, input.repository] : rest });
      return Promise.resolve({});
    },
    'sources.pick': () =>
      Promise.resolve({
        source: addSource(
          'layout:/home/ada/picked-layout',
          'layout',
          'picked-layout',
          '/home/ada/picked-layout',
        ),
      }),
    'sources.probe': ({ input }) => {
      if (input.source === OFFLINE) throw offline();
      return Promise.resolve({ source: find(input.source) });
    },
    'accounts.signIn': ({ input }) => {
      if (input.password === 'wrong') {
        throw new TallymanError({
          code: 'UNAUTHORIZED',
          message: `${find(input.source).location} refused the user name or the password (401).`,
          hint: 'Check both; many registries want a token in place of the password.',
        });
      }
      return Promise.resolve({
        source: update(input.source, { account: { username: input.username, from: 'session' } }),
      });
    },
    'accounts.signOut': ({ input }) => {
      const rest = { ...find(input.source) };
      delete rest.account;
      changeSources(sources.map((each) => (each.id === input.source ? rest : each)));
      return Promise.resolve({ source: rest });
    },
    'place.resolve': ({ input }) => Promise.resolve({ place: resolvePlace(input.text, addSource) }),
    'repositories.list': async ({ input, step }) => {
      if (input.source === OFFLINE) throw offline();
      if (input.source === PACKAGES || input.source.startsWith('registry:nocatalog.')) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: `${input.source.slice('registry:'.length)} has no catalog (404).`,
          hint: 'Type a repository into the bar above, or pin one.',
        });
      }
      const all = FAKE_REPOSITORIES.get(input.source) ?? [];
      for (let at = 0; at < all.length; at += 12) await step({ repositories: all.slice(at, at + 12) });
      return { total: all.length };
    },
    'repository.entries': async ({ input, step }) => {
      const { target } = input;
      if (target.source === OFFLINE) throw offline();
      if (target.source === RELEASE_LAYOUT || target.source === 'local') {
        const entries = target.source === 'local' && !sampleMade ? [] : fakeLayoutEntries();
        await step({ entries: [...entries] });
        return { total: entries.length };
      }
      throwForRepository(target.repository ?? '');
      const tags = tagsOf(target, hugeTags);
      for (let at = 0; at < tags.length; at += 1000)
        await step({ entries: tags.slice(at, at + 1000).map((tag) => ({ tag })) });
      return { total: tags.length };
    },
    'repository.resolve': async ({ input, step }) => {
      const rows = rowsOf(input.target);
      for (const tags of atOnce(input.tags)) {
        const resolved = tags.map((tag) => {
          const row = rows.find((each) => each.tags.includes(tag)) ?? fallbackRow(tag);
          return { tag, digest: row.digest, mediaType: row.details.mediaType, size: row.manifestSize };
        });
        await step({ rows: resolved });
      }
      return {};
    },
    'repository.describe': async ({ input, step }) => {
      const rows = rowsOf(input.target);
      for (const digests of atOnce(input.digests)) {
        const described = digests.map((digest) => {
          const row = rows.find((each) => each.digest === digest) ?? fallbackRow(digest);
          return { ...row.details, digest };
        });
        await step({ rows: described });
      }
      return {};
    },
    'graph.walk': async ({ input, step }) => {
      if (input.target.source === OFFLINE) throw offline();
      throwForRepository(input.target.repository ?? '');
      const graph = graphOf(input.target, input.reference);
      for (const each of fakeSteps(graph)) await step(each);
      return graph.summary;
    },
    'content.describe': ({ input }) => Promise.resolve(fakeDescription(holding(input.digest), input)),
    'content.read': ({ input }) => Promise.resolve(fakeContent(holding(input.digest), input)),
    'content.saveAddress': ({ input }) =>
      Promise.resolve({ path: `/save/${encodeURIComponent(input.fileName)}` }),
    'content.prepareDrag': ({ input }) => Promise.resolve({ drag: 'a drag', name: input.fileName }),
    'content.startDrag': () => Promise.resolve({}),
    'sample.create': () => {
      sampleMade = true;
      return Promise.resolve({ place: { kind: 'artifact' as const, source: 'local', tag: 'sample' } });
    },
    ...fakeStoreHandlers((served) => broadcast('serving.changed', { served })),
    ...fakeTransferHandlers((changes) => broadcast('transfers.changed', changes)),
    'log.write': () => Promise.resolve({}),
  };

  const wait = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled());
        return;
      }
      if (latency === 0) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, latency);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(cancelled());
      });
    });

  return {
    calls,
    broadcast,
    async call(name, input, options = {}) {
      calls.push({ name, input });
      await wait(options.signal);
      const handler = handlers[name] as (call: unknown) => Promise<never>;
      return handler({
        input,
        async step(step: never) {
          await wait(options.signal);
          options.onStep?.(step);
        },
      });
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
  };
}

/** Every invented graph, to find the one that holds a digest. */
const GRAPHS: readonly FakeGraph[] = [fakeTeamAppGraph(), fakeTroubledGraph(), fakeFan(40), fakeFan(1000)];

function holding(digest: string): FakeGraph {
  return (
    GRAPHS.find((each) => each.nodes.some((node) => node.digest === digest)) ??
    fakeSmallGraph(digest, undefined, digest)
  );
}

function graphOf(target: TargetAddress, reference: string | undefined): FakeGraph {
  if (reference === 'troubled') return fakeTroubledGraph();
  if (reference === 'fan-40') return fakeFan(40);
  if (reference === 'fan-1000') return fakeFan(1000);
  const teamApp = fakeTeamAppGraph();
  const isTeamApp = target.repository === 'team/app' || target.repository === undefined;
  if (
    isTeamApp &&
    (reference === undefined ||
      ['1.8.2', '1.8', 'latest', 'sample', teamApp.summary.root].includes(reference))
  )
    return teamApp;
  if (reference?.startsWith('sha256:') === true) {
    const graph = holding(reference);
    return { ...graph, summary: { ...graph.summary, root: reference, roots: [reference] } };
  }
  return fakeSmallGraph(`${target.repository ?? ''}:${reference ?? ''}`, reference, undefined);
}

function rowsOf(target: TargetAddress): readonly FakeRow[] {
  if (target.repository === 'team/app' || target.repository === undefined) return fakeTeamApp();
  return fakeSmallRepository(target.repository);
}

/** Answers come together in such numbers, as from services that ask for several rows at once. */
const AT_ONCE = 12;

function atOnce<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, at) =>
    items.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
}

function fallbackRow(name: string): FakeRow {
  const rows = fakeTeamApp();
  const chosen = rows[(name.length * 7 + (name.codePointAt(name.length - 1) ?? 0)) % rows.length] ?? rows[0];
  if (chosen === undefined) throw new Error('The invented repository has no rows.');
  return chosen;
}

let huge: readonly string[] | undefined;

function tagsOf(target: TargetAddress, hugeTags: number): readonly string[] {
  if (target.repository === 'empty/app') return [];
  if (target.repository === 'huge/app') return (huge ??= fakeHugeTags(hugeTags));
  const rows = rowsOf(target);
  const tags = rows.flatMap((row) => row.tags);
  if (target.repository !== 'team/app') return tags;
  return [...tags, 'troubled', 'fan-40', 'fan-1000', ...fakeCompanionTags(rows)].sort();
}

function throwForRepository(repository: string): void {
  if (repository === 'broken/html') {
    throw new TallymanError({
      code: 'PROTOCOL',
      message:
        'registry.acme.example answered the tag list with an HTML page (text/html, 200) instead of JSON.',
      hint: 'A proxy or a sign-in page stands in between. Open the address in a browser to see what it says.',
    });
  }
  if (repository === 'private/app') {
    throw new TallymanError({
      code: 'UNAUTHORIZED',
      message: 'registry.acme.example answered 401 to the tag list of private/app.',
      hint: 'Sign in with an account that may pull from it.',
    });
  }
  if (repository === 'private/ops') {
    throw new TallymanError({
      code: 'DENIED',
      message: 'registry.acme.example answered 403 to the tag list of private/ops: ada has no right to pull.',
      hint: 'Ask its owner for the right to pull, or sign in as somebody else.',
    });
  }
  if (repository === 'gone/app') {
    throw new TallymanError({
      code: 'NOT_FOUND',
      message: 'registry.acme.example knows no repository gone/app (NAME_UNKNOWN).',
      hint: 'Check the spelling; some registries forget a repository when its last tag goes.',
    });
  }
}

function resolvePlace(
  text: string,
  addSource: (id: string, kind: Source['kind'], label: string, location: string) => Source,
): Place {
  const trimmed = text.trim();
  if (trimmed.startsWith('/') || trimmed.startsWith('.') || trimmed.startsWith('~')) {
    const source = addSource(`layout:${trimmed}`, 'layout', trimmed.split('/').at(-1) ?? trimmed, trimmed);
    return { kind: 'source', source: source.id };
  }
  const match =
    /^([a-z0-9.-]+(?::\d+)?)(?:\/([a-z0-9/._-]+?))?(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(trimmed);
  const host = match?.[1];
  if (host === undefined) {
    throw new TallymanError({
      code: 'INVALID_REFERENCE',
      message: `“${trimmed}” is no reference, digest or path.`,
      hint: 'Write it like registry.acme.example/team/app:1.8.2, localhost:5000, or ./release-layout.',
    });
  }
  const source = addSource(`registry:${host}`, 'registry', host, host);
  const [, , repository, tag, digest] = match ?? [];
  if (repository === undefined) return { kind: 'source', source: source.id };
  if (tag === undefined && digest === undefined) return { kind: 'repository', source: source.id, repository };
  return {
    kind: 'artifact',
    source: source.id,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function offline(): TallymanError {
  return new TallymanError({
    code: 'UNREACHABLE',
    message: 'offline.example cannot be reached: the name does not resolve (ENOTFOUND).',
    hint: 'Check the name and the network or VPN, then try again.',
  });
}

function cancelled(): TallymanError {
  return new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
}

/** Where the drawing's repository lies. */
export const TEAM_APP: TargetAddress = { source: ACME, repository: 'team/app' };
