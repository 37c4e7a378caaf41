import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Served } from '../../../shared/contract/store.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { startRegistryServer, type RegistryServer } from '../../server/registry-server.ts';
import type { ServedRegistry } from '../../server/served-registry.ts';
import { openLayoutRegistry } from '../../server/stores/layout-registry.ts';
import type { SourceList } from './source-list.ts';

/** Bytes of a token that is made for one run. */
const TOKEN_BYTES = 24;
/** Repositories that are asked for a tag, to have one for an example. */
const REPOSITORIES_TRIED = 5;

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly readOnly: boolean;
  /** Whether clients need a token, which is made here. */
  readonly token: boolean;
}

/** Layouts that this program serves as registries on this machine, each at most once. */
export interface ServedLayouts {
  list(): readonly Served[];
  /**
   * Answers the one that runs already, whatever was asked.
   * @throws TallymanError UNSUPPORTED for a registry; as `openLayoutRegistry` and `startRegistryServer`.
   */
  start(source: string, options: ServeOptions, signal: AbortSignal): Promise<Served>;
  /** Uploads that run are kept to be resumed. Nothing happens when it is not served. */
  stop(source: string): Promise<void>;
  close(): Promise<void>;
}

export interface ServedLayoutsOptions {
  readonly sources: SourceList;
  readonly onChange: (served: readonly Served[]) => void;
  /** Faults of a server: what no client can be told the reason of. */
  readonly onFault: (error: unknown) => void;
}

interface Running {
  readonly served: Served;
  readonly server: RegistryServer;
}

export function createServedLayouts({ sources, onChange, onFault }: ServedLayoutsOptions): ServedLayouts {
  const starting = new Map<string, Promise<Running>>();
  const running = new Map<string, Running>();
  const list = (): readonly Served[] => [...running.values()].map(({ served }) => served);

  const begin = async (source: string, options: ServeOptions, signal: AbortSignal): Promise<Running> => {
    const known = await sources.get(source);
    if (known.kind === 'registry') {
      throw new TallymanError({
        code: 'UNSUPPORTED',
        message: `${known.source.label} is a registry already: only layouts are served from here.`,
        hint: 'Choose the local store or an opened layout.',
      });
    }
    const isArchive = (await stat(known.path).catch(() => undefined))?.isFile() === true;
    const registry = await openLayoutRegistry(known.path, {
      signal,
      readOnly: options.readOnly || isArchive,
      create: known.kind === 'local',
    });
    const token = options.token ? randomBytes(TOKEN_BYTES).toString('base64url') : undefined;
    try {
      const example = await exampleOf(registry, signal);
      const server = await startRegistryServer({
        registry,
        port: options.port,
        onFault,
        ...(token === undefined ? {} : { token }),
      });
      const served: Served = {
        source,
        // Clients take `localhost` without TLS; of the address itself some want to be told.
        address: `localhost:${server.port}`,
        port: server.port,
        readOnly: !registry.writable,
        ...(token === undefined ? {} : { token }),
        ...(example === undefined ? {} : { example }),
      };
      return { served, server };
    } catch (error) {
      await registry.close();
      throw error;
    }
  };

  return {
    list,
    async start(source, options, signal) {
      const known = starting.get(source);
      if (known !== undefined) return (await known).served;
      const attempt = begin(source, options, signal);
      starting.set(source, attempt);
      try {
        const begun = await attempt;
        running.set(source, begun);
        onChange(list());
        return begun.served;
      } catch (error) {
        starting.delete(source);
        throw error;
      }
    },
    async stop(source) {
      const attempt = starting.get(source);
      if (attempt === undefined) return;
      const { server } = await attempt;
      if (starting.get(source) !== attempt) return; // stopped meanwhile
      starting.delete(source);
      running.delete(source);
      await server.close();
      onChange(list());
    },
    async close() {
      const all = [...starting.values()];
      starting.clear();
      running.clear();
      await Promise.all(
        all.map((attempt) =>
          attempt.then(
            ({ server }) => server.close(),
            () => undefined,
          ),
        ),
      );
    },
  };
}

/** The first repository that has a tag, or the first of all. */
async function exampleOf(registry: ServedRegistry, signal: AbortSignal): Promise<Served['example']> {
  const options = { signal, note: () => undefined };
  const repositories = await registry.listRepositories(options);
  for (const repository of repositories.slice(0, REPOSITORIES_TRIED)) {
    const tags = (await registry.repository(repository).listTags(options)) ?? [];
    const tag = tags.find((each) => !each.startsWith('sha256-')) ?? tags[0];
    if (tag !== undefined) return { repository, tag };
  }
  const [repository] = repositories;
  return repository === undefined ? undefined : { repository };
}
