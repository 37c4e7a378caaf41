import { stat } from 'node:fs/promises';
import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { startRegistryServer } from '../../server/registry-server.ts';
import { createDockerConfigCredentials } from '../../credentials/docker-config.ts';
import { createRegistry } from '../../registry/registry.ts';
import type { ServedRegistry } from '../../server/served-registry.ts';
import { createTargetRegistry } from '../../server/stores/target-registry.ts';
import { isServedName } from '../../server/served-name.ts';
import { openLayoutRegistry } from '../../server/stores/layout-registry.ts';
import { dataFolder } from '../data-folder.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { readTokenFile } from './read-token-file.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface ServeArguments {
  readonly place: string | undefined;
  readonly port: number;
  readonly readOnly: boolean;
  readonly tokenFile: string | undefined;
  readonly repository: string | undefined;
}

/** What stands before the host of a registry that is served on. */
const REGISTRY_PREFIX = 'registry:';

/** `tallyman serve`: a layout as a registry on this machine, until Ctrl-C or SIGTERM. */
export async function runServe(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseServeArguments(arguments_);
  const { workingDirectory, signal, stdout, stderr } = surroundings;
  const say = (text: string): void => stderr(`tallyman: ${displayText(text)}\n`);
  const token =
    asked.tokenFile === undefined
      ? undefined
      : await readTokenFile(path.resolve(workingDirectory, asked.tokenFile), say);

  const registry = await openPlace(asked, surroundings, say);
  try {
    const server = await startRegistryServer({
      registry,
      port: asked.port,
      ...(token === undefined ? {} : { token }),
      onFault: (error) => say(toErrorData(error).message),
    });
    try {
      const access = registry.writable ? 'read-write' : 'read-only';
      stdout(
        `Serving ${displayText(registry.label)} (${access}) at http://${server.address}/\nReady. Ctrl-C stops it.\n`,
      );
      await aborted(signal);
    } finally {
      await server.close();
    }
  } finally {
    await registry.close();
  }
  return EXIT.whole;
}

/** The layout or registry that is asked for, or the local store. */
async function openPlace(
  { place, readOnly, repository }: ServeArguments,
  { environment, workingDirectory, homeFolder, version, signal }: Surroundings,
  say: (text: string) => void,
): Promise<ServedRegistry> {
  if (place?.startsWith(REGISTRY_PREFIX) === true) {
    const upstream = createRegistry({
      host: place.slice(REGISTRY_PREFIX.length),
      credentials: createDockerConfigCredentials({ environment, homeFolder }),
      onWarning: say,
      userAgent: `tallyman/${version}`,
    });
    await upstream.probe({ signal });
    return createTargetRegistry({
      label: upstream.host,
      repository: (name) => upstream.repository(name),
      listRepositories: (options) => upstream.listRepositories(options),
      close: () => upstream.close(),
    });
  }
  const location =
    place === undefined ? path.join(dataFolder(environment), 'store') : path.resolve(workingDirectory, place);
  const lies = await stat(location).catch(() => undefined);
  const isArchive = lies?.isFile() === true;
  if (isArchive && !readOnly) say('An archive is served read-only.');
  if (lies === undefined && !readOnly && place !== undefined)
    say(`There was nothing at ${place}: an empty layout is made there.`);
  return openLayoutRegistry(location, {
    signal,
    readOnly: readOnly || isArchive,
    create: true,
    ...(repository === undefined ? {} : { ownName: repository }),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function parseServeArguments(arguments_: readonly string[]): ServeArguments {
  const { values, positionals } = parseWords(arguments_, {
    port: { type: 'string' },
    'read-only': { type: 'boolean' },
    'token-file': { type: 'string' },
    repository: { type: 'string' },
  });
  const [place, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`One PLACE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  const port = values.port ?? '0';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new UsageError(`--port is a number up to 65535, not “${displayText(port)}”.`);
  if (values.repository !== undefined && !isServedName(values.repository))
    throw new UsageError(`“${displayText(values.repository)}” is no repository name.`);
  return {
    place,
    port: Number(port),
    readOnly: values['read-only'] === true,
    tokenFile: values['token-file'],
    repository: values.repository,
  };
}
