import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Credentials, CredentialsSource } from '../registry/auth/credentials-source.ts';
import { createSingleFlight } from '../registry/auth/single-flight.ts';
import { askHelper } from './ask-helper.ts';
import { parseConfigFile, type AuthEntry, type ConfigFile } from './config-file.ts';
import { CONFIG_FILE_LIMIT, HELPER_ANSWER_KEPT } from './credential-limits.ts';
import { credentialsId } from './credentials-id.ts';
import { findByRegistry, serverNameOf } from './registry-key.ts';
import { runHelper, type RunHelper } from './run-helper.ts';

/** Where the files and helpers are. */
export interface DockerConfigOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly runHelper?: RunHelper;
  readonly platform?: NodeJS.Platform;
}

interface ConfigPlace {
  readonly file: string;
  /** Keys may hold a namespace below the host (containers-auth.json). */
  readonly namespaces: boolean;
}

/**
 * Credentials that Docker and Podman keep: Docker's `config.json` with its credential helpers, then containers'
 * `auth.json`. Files are read anew when they change; nothing is ever written.
 */
export function createDockerConfigCredentials(options: DockerConfigOptions): CredentialsSource {
  const { environment, homeFolder, platform = process.platform } = options;
  const run = options.runHelper ?? runHelper;
  const places = configPlaces(environment, homeFolder, platform);
  const files = new Map<string, { readonly stamp: string; readonly config: ConfigFile }>();
  const answers = new Map<
    string,
    { readonly credentials: Credentials | undefined; readonly until: number }
  >();
  const asking = createSingleFlight<Credentials | undefined>();

  const readConfig = async (file: string): Promise<ConfigFile | undefined> => {
    const info = await stat(file).catch((error: unknown) => notThere(error, file));
    if (info === undefined) return undefined;
    const stamp = `${info.mtimeMs}:${info.size}:${info.ino}`;
    const known = files.get(file);
    if (known?.stamp === stamp) return known.config;
    if (info.size > CONFIG_FILE_LIMIT) {
      throw new TallymanError({
        code: 'LIMIT',
        message: `${file} is larger than ${CONFIG_FILE_LIMIT} bytes, so no credentials were read from it.`,
        hint: 'Check the file, or sign in here: that is kept for this run only.',
        details: { limit: CONFIG_FILE_LIMIT },
      });
    }
    const bytes = await readFile(file).catch((error: unknown) => notThere(error, file));
    if (bytes === undefined) return undefined;
    const config = parseConfigFile(bytes, file);
    files.set(file, { stamp, config });
    return config;
  };

  const ask = async (
    file: string,
    suffix: string,
    server: string,
    signal: AbortSignal,
  ): Promise<Credentials | undefined> => {
    // A helper is a program: only the person's own configuration may name one (bar, H5).
    if (!isInside(homeFolder, file)) {
      throw new TallymanError({
        code: 'UNREADABLE',
        message: `${file} names a credential helper, which is not run because the file is outside your home folder.`,
        hint: 'Sign in here: that is kept for this run only.',
      });
    }
    const key = JSON.stringify([suffix, server]);
    const known = answers.get(key);
    if (known !== undefined && known.until > performance.now()) return known.credentials;
    return asking.run(key, signal, async (shared) => {
      const credentials = await askHelper({ suffix, server, environment, platform, run, signal: shared });
      answers.set(key, { credentials, until: performance.now() + HELPER_ANSWER_KEPT });
      return credentials;
    });
  };

  return {
    async find(host, repository, signal) {
      for (const { file, namespaces } of places) {
        const config = await readConfig(file);
        if (config === undefined) continue;
        const suffix = findByRegistry(config.helpers, host, undefined, false) ?? config.store;
        const helped = suffix === undefined ? undefined : await ask(file, suffix, serverNameOf(host), signal);
        const found =
          helped ?? entryCredentials(findByRegistry(config.auths, host, repository, namespaces), host);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function configPlaces(
  environment: DockerConfigOptions['environment'],
  homeFolder: string,
  platform: NodeJS.Platform,
): readonly ConfigPlace[] {
  const set = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const docker = path.join(set('DOCKER_CONFIG') ?? path.join(homeFolder, '.docker'), 'config.json');
  const override = set('REGISTRY_AUTH_FILE');
  const runtime = set('XDG_RUNTIME_DIR');
  const containers =
    override !== undefined
      ? [override]
      : [
          ...(platform === 'linux' && runtime !== undefined
            ? [path.join(runtime, 'containers', 'auth.json')]
            : []),
          path.join(set('XDG_CONFIG_HOME') ?? path.join(homeFolder, '.config'), 'containers', 'auth.json'),
        ];
  return [{ file: docker, namespaces: false }, ...containers.map((file) => ({ file, namespaces: true }))];
}

function entryCredentials(entry: AuthEntry | undefined, host: string): Credentials | undefined {
  if (entry === undefined) return undefined;
  const { username = '', password, identityToken, registryToken } = entry;
  const from = 'docker-config';
  if (identityToken !== undefined) {
    const id = credentialsId(host, username, identityToken);
    return { kind: 'identity-token', id, from, identityToken, ...(username === '' ? {} : { username }) };
  }
  if (registryToken !== undefined) {
    return { kind: 'registry-token', id: credentialsId(host, '', registryToken), from, registryToken };
  }
  if (username === '' || password === undefined) return undefined;
  return { kind: 'password', id: credentialsId(host, username, password), from, username, password };
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(path.resolve(folder), path.resolve(file));
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

/** No file is no credentials; a file that cannot be read is told. */
function notThere(error: unknown, file: string): undefined {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw new TallymanError(
    {
      code: 'UNREADABLE',
      message: `${file} cannot be read (${code ?? 'unknown reason'}), so no credentials were read from it.`,
      hint: 'Check its permissions, or sign in here: that is kept for this run only.',
    },
    { cause: error },
  );
}
