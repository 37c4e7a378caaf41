import { onTestFinished } from 'vitest';
import type { Credentials, CredentialsSource } from '../registry/auth/credentials-source.ts';
import { Secret } from '../registry/auth/secret.ts';
import type { NetworkTimings } from '../registry/http/network-timings.ts';
import { sha256 } from './content-script.ts';
import {
  createRegistry,
  type Registry,
  type RegistryEnvironment,
  type RegistryOptions,
} from '../registry/registry.ts';
import {
  startScriptedRegistry,
  type Script,
  type ScriptedRegistry,
  type ScriptedRegistryOptions,
} from './scripted-registry.ts';

/** Patience for tests: faults show within a second, repetitions follow at once. */
export const QUICK_TIMINGS: NetworkTimings = {
  connect: 2_000,
  loopbackHandshake: 1_000,
  headers: 1_500,
  uploadFinish: 3_000,
  bodyIdle: 1_000,
  slowWindow: 30_000,
  metadataTotal: 5_000,
  attempts: 6,
  retryBase: 2,
  retryCap: 10,
  retryBudget: 3_000,
};

/** A signal nobody aborts. */
export function quietSignal(): AbortSignal {
  return new AbortController().signal;
}

/** A source that knows nothing. */
export const NOBODY: CredentialsSource = { find: () => Promise.resolve(undefined) };

/** A name and password as a source gives them. */
export function passwordCredentials(username: string, password: string): Credentials {
  return {
    kind: 'password',
    id: sha256(Buffer.from(`${username}:${password}`)),
    from: 'docker-config',
    username,
    password: new Secret(password),
  };
}

/** A source that answers every registry with the same credentials. */
export function always(credentials: Credentials): CredentialsSource {
  return { find: () => Promise.resolve(credentials) };
}

/** A registry with what it told. */
export interface TestRegistry {
  readonly registry: Registry;
  readonly warnings: readonly string[];
}

/** A registry with quick timings that is closed when the test ends. */
export function openTestRegistry(
  options: Partial<RegistryOptions> & Pick<RegistryOptions, 'host'>,
  environment: RegistryEnvironment = {},
): TestRegistry {
  const warnings: string[] = [];
  const registry = createRegistry(
    { credentials: NOBODY, onWarning: (text) => warnings.push(text), userAgent: 'tallyman/test', ...options },
    { ...environment, timings: { ...QUICK_TIMINGS, ...environment.timings } },
  );
  onTestFinished(() => registry.close());
  return { registry, warnings };
}

/** A scripted registry that is closed when the test ends. */
export async function startForTest(
  script: Script,
  options: ScriptedRegistryOptions = {},
): Promise<ScriptedRegistry> {
  const started = await startScriptedRegistry(script, options);
  onTestFinished(() => started.close());
  return started;
}

/** All bytes of a stream. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All items of a listing in pages. */
export async function collectPages<Item>(pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}
