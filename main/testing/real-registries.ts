import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { peer } from './surroundings.ts';

/**
 * The real registries tests run against: `olareg` (referrers API), `distribution-3` and `distribution-2` (none:
 * fallback tag), `crane` (in memory).
 */
export const REAL_REGISTRIES = ['olareg', 'distribution-3', 'distribution-2', 'crane'] as const;
export type RealRegistryKind = (typeof REAL_REGISTRIES)[number];

const PROGRAMS: Readonly<Record<RealRegistryKind, string>> = {
  olareg: 'olareg',
  'distribution-3': 'registry',
  'distribution-2': 'docker-registry',
  crane: 'crane',
};

/** The account a registry with `account: true` knows. */
export const TEST_ACCOUNT = { username: 'tallyman', password: 'canary-password' } as const;
/** bcrypt of that password, as distribution's htpasswd file wants it. */
const TEST_ACCOUNT_LINE = 'tallyman:$2y$05$abcdefghijklmnopqrstuuTvmw3qcMpAvEgQGhbFMhqjD3R/evDDW\n';

export interface RealRegistryOptions {
  /** distribution only: every request needs HTTP Basic with `TEST_ACCOUNT`. */
  readonly account?: boolean;
}

/** A registry that runs as its own process on a free loopback port. */
export interface RealRegistry {
  readonly kind: RealRegistryKind;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  /** Folder with its content, undefined where it is in memory. Removed by `close`. */
  readonly folder: string | undefined;
  /** What it wrote to its output, for the text of a failed test. */
  output(): string;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** Whether this machine can run it. Under `CI=true` a missing one is an error, not a skip. */
export function hasRealRegistry(kind: RealRegistryKind): boolean {
  return peer(PROGRAMS[kind]) !== undefined;
}

/** Milliseconds within which a registry has to answer after its start. */
const START_LIMIT = 20_000;
/** A free port can be taken by somebody else before the registry has it. */
const START_ATTEMPTS = 3;

/**
 * Starts a real registry with empty content and waits until it answers.
 *
 * @throws Error with its output when it does not start.
 */
export async function startRealRegistry(
  kind: RealRegistryKind,
  options: RealRegistryOptions = {},
): Promise<RealRegistry> {
  const program = peer(PROGRAMS[kind]);
  if (program === undefined) throw new Error(`${PROGRAMS[kind]} is not on this machine.`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(kind, program, options);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function start(
  kind: RealRegistryKind,
  program: string,
  options: RealRegistryOptions,
): Promise<RealRegistry> {
  const work = await mkdtemp(path.join(tmpdir(), `tallyman-${kind}-`));
  const port = await freePort();
  const content = path.join(work, 'content');
  await mkdir(content);
  const child = spawn(
    program,
    await commandLine(kind, { port, work, content, account: options.account === true }),
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: work,
      env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
    },
  );
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-16_384);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const close = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await end(child);
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilItAnswers(child, port);
  } catch (error) {
    await close();
    throw new Error(`${kind} did not start: ${output}`, { cause: error });
  }
  return {
    kind,
    host: `127.0.0.1:${port}`,
    port,
    folder: kind === 'crane' ? undefined : content,
    output: () => output,
    close,
  };
}

interface Place {
  readonly port: number;
  readonly work: string;
  readonly content: string;
  readonly account: boolean;
}

async function commandLine(kind: RealRegistryKind, place: Place): Promise<readonly string[]> {
  switch (kind) {
    case 'olareg':
      return [
        'serve',
        '--addr',
        '127.0.0.1',
        '--port',
        String(place.port),
        '--dir',
        place.content,
        '--api-delete',
        '--api-blob-delete',
      ];
    case 'crane':
      return ['registry', 'serve', '--address', `127.0.0.1:${place.port}`];
    case 'distribution-2':
    case 'distribution-3': {
      const configuration = path.join(place.work, 'registry.yml');
      await writeFile(configuration, await distributionConfiguration(place));
      return ['serve', configuration];
    }
  }
}

async function distributionConfiguration({ port, work, content, account }: Place): Promise<string> {
  const passwords = path.join(work, 'htpasswd');
  await writeFile(passwords, TEST_ACCOUNT_LINE);
  return [
    'version: 0.1',
    'log: { level: error }',
    `storage: { filesystem: { rootdirectory: ${JSON.stringify(content)} }, delete: { enabled: true } }`,
    `http: { addr: "127.0.0.1:${port}" }`,
    ...(account ? [`auth: { htpasswd: { realm: tests, path: ${JSON.stringify(passwords)} } }`] : []),
    '',
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function untilItAnswers(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_LIMIT;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The process ended.');
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v2/`);
      await response.arrayBuffer();
      if (response.status === 200 || response.status === 401) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error('It does not answer as a registry.');
    await pause(25);
  }
}

/** Milliseconds between the polite and the final signal. */
const END_LIMIT = 3_000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT);
  await ended;
  clearTimeout(timer);
}
