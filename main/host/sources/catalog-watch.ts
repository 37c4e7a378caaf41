import type { ErrorCode } from '../../../shared/errors/tallyman-error.ts';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { OpenTargets } from './open-targets.ts';
import type { SourceList } from './source-list.ts';

/** Answers with which a registry says, in its way, that it lists no repositories (client conventions, L4 and A16). */
const NO_CATALOG: ReadonlySet<ErrorCode> = new Set([
  'UNSUPPORTED',
  'DENIED',
  'UNAUTHORIZED',
  'NOT_FOUND',
  'PROTOCOL',
]);

/**
 * Pins what was typed in registries that list no repositories, where it would be lost from the sidebar otherwise. Whether one lists them
 * is learned from the lists that are asked for anyway, else once, from a first page.
 */
export interface CatalogWatch {
  /** A repository was typed: pins it now, or as soon as the registry turns out to list none. */
  readonly typed: (source: string, repository: string) => void;
  listed(source: string): void;
  failed(source: string, error: unknown): Promise<void>;
  close(): void;
}

export interface CatalogWatchOptions {
  readonly sources: SourceList;
  readonly targets: OpenTargets;
  /** False for hosts that keep no list: nothing is asked and nothing pinned. */
  readonly active: boolean;
}

export function createCatalogWatch({ sources, targets, active }: CatalogWatchOptions): CatalogWatch {
  const states = new Map<string, 'asking' | 'listed' | 'none'>();
  const waiting = new Map<string, Set<string>>();
  const closing = new AbortController();

  const pinWaiting = async (source: string): Promise<void> => {
    const repositories = waiting.get(source);
    waiting.delete(source);
    for (const repository of repositories ?? []) await sources.pin(source, repository, true);
  };

  const failed = async (source: string, error: unknown): Promise<void> => {
    if (!NO_CATALOG.has(toErrorData(error).code)) {
      states.delete(source); // no network says nothing about the registry
      return;
    }
    states.set(source, 'none');
    await pinWaiting(source);
  };

  const askForFirstPage = async (source: string): Promise<void> => {
    states.set(source, 'asking');
    try {
      const registry = await targets.registry(source);
      const pages = registry.listRepositories({ signal: closing.signal })[Symbol.asyncIterator]();
      await pages.next();
      await pages.return?.();
      listed(source);
    } catch (error) {
      await failed(source, error);
    }
  };

  const listed = (source: string): void => {
    states.set(source, 'listed');
    waiting.delete(source);
  };

  return {
    typed(source, repository) {
      if (!active || states.get(source) === 'listed') return;
      const repositories = waiting.get(source) ?? new Set();
      waiting.set(source, repositories.add(repository));
      const work =
        states.get(source) === 'none'
          ? pinWaiting(source)
          : states.get(source) === 'asking'
            ? undefined
            : askForFirstPage(source);
      // A pin that could not be kept is no reason to fail what the person asked for; the repository is open all the same.
      work?.catch(() => undefined);
    },
    listed,
    failed: (source, error) => (active ? failed(source, error).catch(() => undefined) : Promise.resolve()),
    close: () => closing.abort(),
  };
}
