import { lstat } from 'node:fs/promises';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import type { Target } from '../../content/target.ts';
import { cancelled } from '../../content/task-pool.ts';
import type { CredentialsSource } from '../../registry/auth/credentials-source.ts';
import type { Registry } from '../../registry/registry.ts';
import { createRegistry } from '../../registry/registry.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import { createLayout } from '../../layout/write-layout.ts';
import type { Layout } from '../../layout/open-layout.ts';
import { createOpenLayouts } from './open-layouts.ts';
import type { KnownLayout, KnownRegistry, SourceList } from './source-list.ts';

/** Every place that is open: opened once, when it is first needed, and shared by everything that reads from it. */
export interface OpenTargets {
  /** @throws TallymanError UNSUPPORTED when the source is a layout. */
  registry(source: string): Promise<Registry>;
  /**
   * @throws TallymanError NOT_FOUND when the source is not in the list, INVALID_INPUT when the address names no repository of a
   * registry or one of a layout, and what opening a layout answers.
   */
  target(address: TargetAddress, signal: AbortSignal): Promise<Target>;
  /** A layout as it was opened; the local store is made when it is not there. @throws TallymanError UNSUPPORTED for a registry. */
  layout(source: string, signal: AbortSignal): Promise<Layout>;
  /** Opens a layout that is not in the list yet; it stays open for the moment when it is. */
  tryLayout(path: string, signal: AbortSignal): Promise<void>;
  /**
   * Asks a registry with other credentials than the usual, on a connection of their own.
   * @throws TallymanError UNAUTHORIZED or DENIED when they are refused.
   */
  probeWith(
    source: string,
    credentials: CredentialsSource,
    signal: AbortSignal,
  ): Promise<{ readonly plainHttp: boolean }>;
  /** The local store, for writing. */
  storeWriter(signal: AbortSignal): Promise<LayoutWriter>;
  /** Closes a source, so that it is opened anew when it is needed next. */
  forget(source: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenTargetsOptions {
  readonly sources: SourceList;
  readonly credentials: CredentialsSource;
  /** Folder of the local store. */
  readonly storePath: string;
  readonly userAgent: string;
  readonly certificateAuthorities?: readonly string[];
  readonly onWarning: (source: string, text: string) => void;
  /** A registry of the list answered for the first time since it was opened. */
  readonly onFirstAnswer?: (source: string, connection: { readonly plainHttp: boolean }) => void;
}

export function createOpenTargets(options: OpenTargetsOptions): OpenTargets {
  const { sources } = options;
  const registries = new Map<string, Registry>();
  const layouts = createOpenLayouts();

  const openRegistry = ({ id, host, plainHttp }: KnownRegistry, credentials: CredentialsSource): Registry =>
    createRegistry({
      host,
      credentials,
      userAgent: options.userAgent,
      onWarning: (text) => options.onWarning(id, text),
      onFirstAnswer: (connection) => options.onFirstAnswer?.(id, connection),
      ...(plainHttp === undefined ? {} : { plainHttp }),
      ...(options.certificateAuthorities === undefined
        ? {}
        : { certificateAuthorities: options.certificateAuthorities }),
    });

  const registryOf = (known: KnownRegistry): Registry => {
    const registry = registries.get(known.id) ?? openRegistry(known, options.credentials);
    registries.set(known.id, registry);
    return registry;
  };

  const registrySource = async (source: string): Promise<KnownRegistry> => {
    const known = await sources.get(source);
    if (known.kind === 'registry') return known;
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: `${known.source.label} is a layout, not a registry.`,
      hint: 'A layout holds one repository without a name: open its entries.',
    });
  };

  let storeReady: Promise<unknown> | undefined;
  /** The local store comes into being when something looks at it for the first time. */
  const storeAt = async (path: string): Promise<Layout> => {
    storeReady ??= exists(path).then(async (there) =>
      there ? undefined : (await createLayout(path)).close(),
    );
    try {
      await storeReady;
    } catch (error) {
      storeReady = undefined;
      throw error;
    }
    return await layouts.at(path);
  };

  const openLayoutOf = ({ kind, path }: KnownLayout): Promise<Layout> =>
    kind === 'local' ? storeAt(path) : layouts.at(path);

  return {
    async registry(source) {
      return registryOf(await registrySource(source));
    },

    async target({ source, repository }, signal) {
      const known = await sources.get(source);
      if (known.kind === 'registry') {
        if (repository === undefined || !isRepositoryName(repository)) {
          throw new TallymanError({
            code: 'INVALID_INPUT',
            message:
              repository === undefined
                ? `${known.host} is a registry: a repository is missing.`
                : 'That is not the name of a repository.',
            hint: 'Open one of its repositories.',
          });
        }
        return registryOf(known).repository(repository);
      }
      if (repository !== undefined) {
        throw new TallymanError({
          code: 'INVALID_INPUT',
          message: `${known.source.label} is a layout: it has no repositories.`,
          hint: 'Open the layout itself.',
        });
      }
      return (await unlessAborted(openLayoutOf(known), signal)).target;
    },

    async layout(source, signal) {
      const known = await sources.get(source);
      if (known.kind === 'registry') {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: `${known.source.label} is a registry, not a layout on this machine.`,
          hint: 'Choose the local store or an opened layout.',
        });
      }
      return await unlessAborted(openLayoutOf(known), signal);
    },

    async tryLayout(path, signal) {
      await unlessAborted(layouts.at(path), signal);
    },

    async probeWith(source, credentials, signal) {
      const registry = openRegistry(await registrySource(source), credentials);
      try {
        return await registry.probe({ signal });
      } finally {
        await registry.close();
      }
    },

    async storeWriter(signal) {
      return await createLayout(options.storePath, { signal });
    },

    async forget(source) {
      const registry = registries.get(source);
      registries.delete(source);
      await registry?.close();
      const known = await sources.find(source);
      if (known !== undefined && known.kind !== 'registry') await layouts.forget(known.path);
    },

    async close() {
      const open = [...registries.values()];
      registries.clear();
      await Promise.all([layouts.close(), ...open.map((registry) => registry.close())]);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    return true; // opening it says what is wrong
  }
}

/** The answer, or CANCELLED as soon as the one who asked went away; the work behind it goes on for others. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    work.catch(() => undefined); // it may still fail, when everything is closed
    throw cancelled();
  }
  return await new Promise<Value>((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
