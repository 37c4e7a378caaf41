import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { createDockerConfigCredentials } from '../../credentials/docker-config.ts';
import type { Target } from '../../content/target.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { dataFolder } from '../data-folder.ts';
import { createOpenTargets } from '../sources/open-targets.ts';
import { createPlaceResolver } from '../sources/place-resolver.ts';
import { createSourceList } from '../sources/source-list.ts';
import { splitLayoutPath } from '../sources/split-layout-path.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** The PLACE of a verb that moves content, opened. */
export interface OpenedPlace {
  readonly target: Target;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** Digest, else tag: what is asked for in the target. */
  readonly reference: string | undefined;
  /** Of registries: the repository; a layout has none. */
  readonly repository: string | undefined;
}

export interface OpenPlaceOptions {
  readonly create?: boolean | (() => Promise<void>);
}

/** The places that one verb works on, opened as the window opens them; until `close`. */
export interface OpenPlaces {
  /**
   * @param create - makes an empty layout where a path leads to nothing; a function is asked before, and what it throws keeps it
   * from being made.
   * @throws UsageError for a registry without a repository; TallymanError as resolving and opening a place.
   */
  open(text: string, options?: OpenPlaceOptions): Promise<OpenedPlace>;
  close(): Promise<void>;
}

export function createOpenPlaces(
  { environment, workingDirectory, homeFolder, version, stderr, signal }: Surroundings,
  { plainHttp = false }: { readonly plainHttp?: boolean } = {},
): OpenPlaces {
  const storePath = path.join(dataFolder(environment), 'store');
  const say = (text: string): void => stderr(`tallyman: ${displayText(text)}\n`);
  const sources = createSourceList({ storePath, onChange: () => undefined, onWarning: say });
  const warned = new Set<string>();
  const targets = createOpenTargets({
    sources,
    credentials: createDockerConfigCredentials({ environment, homeFolder }),
    storePath,
    userAgent: `tallyman/${version}`,
    onWarning(source, text) {
      if (warned.has(`${source} ${text}`)) return;
      warned.add(`${source} ${text}`);
      stderr(`Warning of ${displayText(source)}: ${displayText(text)}\n`);
    },
  });
  const places = createPlaceResolver({
    sources,
    targets,
    storePath,
    workingDirectory,
    homeFolder,
    onTypedRepository: () => undefined,
  });

  return {
    async open(text, { create = false } = {}) {
      if (create !== false) await createMissingLayout(text, create, { workingDirectory, homeFolder });
      const place = await places.resolve(text, signal);
      if (plainHttp && place.source.startsWith('registry:'))
        await sources.addRegistry(place.source.slice('registry:'.length), true);
      const isLayout = !place.source.startsWith('registry:');
      const repository = place.kind === 'source' ? undefined : place.repository;
      if (!isLayout && repository === undefined)
        throw new UsageError(`${displayText(text)} is a registry. Put a repository behind it.`);
      const target = await targets.target(
        { source: place.source, ...(repository === undefined ? {} : { repository }) },
        signal,
      );
      const { tag, digest } = place.kind === 'artifact' ? place : {};
      return { target, tag, digest, reference: digest ?? tag, repository };
    },
    close: () => targets.close(),
  };
}

/** A layout that is written to comes into being with the first push, as with `oras push --oci-layout`. */
async function createMissingLayout(
  typed: string,
  create: true | (() => Promise<void>),
  surroundings: { readonly workingDirectory: string; readonly homeFolder: string },
): Promise<void> {
  const text = typed.trim();
  const named = text.startsWith('layout:') ? text.slice('layout:'.length) : text;
  if (named === text && !/^[/.~]|^[A-Za-z]:[\\/]/.test(text)) return;
  if (named === '' || named.includes('\0')) return;
  const { path: location } = await splitLayoutPath(named, surroundings);
  const there = await lstat(location).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (there !== undefined) return;
  if (create !== true) await create();
  await (await createLayout(location)).close();
}
