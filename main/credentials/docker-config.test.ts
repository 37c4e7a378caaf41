import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credentials } from '../registry/auth/credentials-source.ts';
import { createDockerConfigCredentials, type DockerConfigOptions } from './docker-config.ts';
import { findHelperProgram } from './find-helper-program.ts';
import { runHelper } from './run-helper.ts';
import { createSessionCredentials } from './session-credentials.ts';

const signal = new AbortController().signal;
const basic = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });

interface Home {
  readonly folder: string;
  readonly bin: string;
  /** Writes a file below the home folder, with its folders. */
  write(name: string, content: unknown): Promise<string>;
  /** Puts a credential helper on the PATH: a shell script. */
  helper(suffix: string, script: string): Promise<string>;
  find(
    host: string,
    repository?: string,
    options?: Partial<DockerConfigOptions>,
  ): Promise<Credentials | undefined>;
}

async function makeHome(): Promise<Home> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'tallyman-home-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  return {
    folder,
    bin,
    async write(name, content) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    async helper(suffix, script) {
      const file = path.join(bin, `docker-credential-${suffix}`);
      await writeFile(file, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
      return file;
    },
    find(host, repository, options = {}) {
      return createDockerConfigCredentials({
        environment: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder },
        homeFolder: folder,
        platform: 'linux',
        ...options,
      }).find(host, repository, signal);
    },
  };
}

/** What was found, with its secret. */
function told(found: Credentials | undefined): unknown {
  switch (found?.kind) {
    case undefined:
      return undefined;
    case 'password':
      return [found.from, found.username, found.password.reveal()];
    case 'identity-token':
      return [found.from, found.username, 'identity', found.identityToken.reveal()];
    case 'registry-token':
      return [found.from, 'registry', found.registryToken.reveal()];
  }
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(told as (value: unknown) => unknown, (error: unknown) => (error as { code: string }).code);
}

describe('Docker’s config.json', () => {
  it('gives the entry of exactly the registry asked for', async () => {
    const home = await makeHome();
    await home.write('.docker/config.json', {
      auths: {
        'https://index.docker.io/v1/': basic('hub:pw'),
        'localhost:5000': basic('local:p:w'),
        'evilquay.io': basic('evil:pw'),
        'quay.io.evil.example': basic('evil:pw'),
        'https://quay.io': basic('quay:pw'),
        'http://plain.example:80/': basic('plain:pw'),
        'GHCR.io': basic('ghcr:pw\0\0'),
        'identity.example': { ...basic('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
        'ready.example': { registrytoken: 'ready' },
        'fields.example': { username: 'me', password: 'pw' },
        'empty.example': {},
        'broken.example': { auth: 'bm8gY29sb24=' },
        'wrong.example': 'text',
        'ns.example/team': basic('team:pw'),
      },
    });
    const found = async (...hosts: string[]): Promise<unknown[]> =>
      Promise.all(hosts.map(async (host) => told(await home.find(host, 'team/app'))));
    expect(await found('docker.io', 'index.docker.io', 'registry-1.docker.io')).toEqual(
      new Array(3).fill(['docker-config', 'hub', 'pw']),
    );
    expect(await found('localhost:5000', 'quay.io', 'plain.example:80', 'ghcr.io')).toEqual([
      ['docker-config', 'local', 'p:w'],
      ['docker-config', 'quay', 'pw'],
      ['docker-config', 'plain', 'pw'],
      ['docker-config', 'ghcr', 'pw'],
    ]);
    expect(await found('identity.example', 'ready.example', 'fields.example')).toEqual([
      ['docker-config', '00000000-0000-0000-0000-000000000000', 'identity', 'refresh'],
      ['docker-config', 'registry', 'ready'],
      ['docker-config', 'me', 'pw'],
    ]);
    const strangers = [
      'empty.example',
      'broken.example',
      'wrong.example',
      'ns.example',
      'localhost',
      'localhost:5001',
      'sub.quay.io',
      'evildocker.io',
      'docker.com',
      'plain.example',
    ];
    expect(await found(...strangers)).toEqual(new Array(strangers.length).fill(undefined));
  });

  it('is looked for in DOCKER_CONFIG first, and read anew when it changes', async () => {
    const home = await makeHome();
    await home.write('.docker/config.json', { auths: { 'a.example': basic('home:pw') } });
    const file = await home.write('elsewhere/config.json', { auths: { 'a.example': basic('first:pw') } });
    const source = createDockerConfigCredentials({
      environment: { DOCKER_CONFIG: path.join(home.folder, 'elsewhere') },
      homeFolder: home.folder,
    });
    expect(told(await source.find('a.example', undefined, signal))).toEqual(['docker-config', 'first', 'pw']);
    await writeFile(file, JSON.stringify({ auths: { 'a.example': basic('second:longer') } }));
    expect(told(await source.find('a.example', undefined, signal))).toEqual([
      'docker-config',
      'second',
      'longer',
    ]);
    await rm(file);
    expect(await source.find('a.example', undefined, signal)).toBeUndefined();
  });

  it('that is no JSON, too large or unreadable is told without a word of its content', async () => {
    const home = await makeHome();
    for (const content of [
      '{"auths":{"a":{"auth":"canary',
      '[]',
      '{"auths":{},"auths":{"a":"canary"}}',
      `"${'canary'.repeat(1_000_000)}"`,
    ]) {
      await home.write('.docker/config.json', content);
      const failure: unknown = await home.find('a.example').catch((error: unknown) => error);
      expect(['MALFORMED', 'LIMIT']).toContain((failure as { code: string }).code);
      expect(inspect(failure, { depth: 9 })).not.toContain('canary');
    }
    await rm(path.join(home.folder, '.docker/config.json'));
    await mkdir(path.join(home.folder, '.docker/config.json'));
    expect(await codeOf(home.find('a.example'))).toBe('UNREADABLE');
  });

  it('gives different ids to different secrets, and says nothing through them', async () => {
    const home = await makeHome();
    const ids = new Set<string>();
    for (const account of ['me:one', 'me:two', 'you:one']) {
      await home.write('.docker/config.json', { auths: { 'a.example': basic(account) } });
      for (let times = 0; times < 2; times += 1) {
        const found = await home.find('a.example');
        ids.add(found?.id ?? '');
        expect(inspect(found, { showHidden: true, depth: 9 }) + JSON.stringify(found)).not.toMatch(/one|two/);
      }
    }
    expect(ids.size).toBe(3);
  });
});

describe('containers’ auth.json', () => {
  it('is asked after Docker’s, the longest namespace first', async () => {
    const home = await makeHome();
    const runtime = path.join(home.folder, 'run');
    await home.write('run/containers/auth.json', {
      auths: {
        'a.example': basic('host:pw'),
        'a.example/team': basic('team:pw'),
        'a.example/team/app': basic('app:pw'),
        'docker.io/library': basic('library:pw'),
      },
    });
    await home.write('.config/containers/auth.json', {
      auths: { 'b.example': basic('config:pw'), 'a.example': basic('never:pw') },
    });
    const options = { environment: { XDG_RUNTIME_DIR: runtime } };
    const found = async (host: string, repository?: string): Promise<unknown> =>
      told(await home.find(host, repository, options));
    expect(await found('a.example', 'team/app')).toEqual(['docker-config', 'app', 'pw']);
    expect(await found('a.example', 'team/app/sub')).toEqual(['docker-config', 'app', 'pw']);
    expect(await found('a.example', 'team/other')).toEqual(['docker-config', 'team', 'pw']);
    expect(await found('a.example', 'teams/app')).toEqual(['docker-config', 'host', 'pw']);
    expect(await found('a.example')).toEqual(['docker-config', 'host', 'pw']);
    expect(await found('docker.io', 'library/alpine')).toEqual(['docker-config', 'library', 'pw']);
    expect(await found('docker.io', 'me/app')).toBeUndefined();
    expect(await found('b.example', 'x')).toEqual(['docker-config', 'config', 'pw']);

    await home.write('.docker/config.json', { auths: { 'a.example': basic('docker:pw') } });
    expect(await found('a.example', 'team/app')).toEqual(['docker-config', 'docker', 'pw']);
    const override = await home.write('mine.json', { auths: { 'c.example': basic('override:pw') } });
    expect(
      told(
        await home.find('c.example', 'x', {
          environment: { REGISTRY_AUTH_FILE: override, XDG_RUNTIME_DIR: runtime },
        }),
      ),
    ).toEqual(['docker-config', 'override', 'pw']);
  });
});

describe.skipIf(process.platform === 'win32')('credential helpers', () => {
  const answer = (username: string, secret: string, server = ''): string =>
    `cat >/dev/null; echo '${JSON.stringify({ ServerURL: server, Username: username, Secret: secret })}'`;

  it('are asked for their registry, then the store, then the file', async () => {
    const home = await makeHome();
    await home.helper('one', answer('one', 'secret-one'));
    await home.helper(
      'store',
      'read server; case $server in s.example) echo \'{"Username":"store","Secret":"secret-store"}\';; *) echo "credentials not found in native keychain"; exit 1;; esac',
    );
    await home.write('.docker/config.json', {
      credHelpers: { 'a.example': 'one' },
      credsStore: 'store',
      auths: { 'f.example': basic('file:pw'), 'a.example': basic('never:pw') },
    });
    expect(told(await home.find('a.example'))).toEqual(['credential-helper', 'one', 'secret-one']);
    expect(told(await home.find('s.example'))).toEqual(['credential-helper', 'store', 'secret-store']);
    expect(told(await home.find('f.example'))).toEqual(['docker-config', 'file', 'pw']);
    expect(await home.find('nobody.example')).toBeUndefined();
  });

  it('are asked for Docker Hub by its old name, and <token> means an identity token', async () => {
    const home = await makeHome();
    await home.helper(
      'hub',
      'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$server\\"}"',
    );
    await home.write('.docker/config.json', { credHelpers: { 'https://index.docker.io/v1/': 'hub' } });
    expect(told(await home.find('docker.io'))).toEqual([
      'credential-helper',
      undefined,
      'identity',
      'https://index.docker.io/v1/',
    ]);
  });

  it.each([
    ['is not installed', '', 'UNREADABLE'],
    ['fails', 'echo "canary secret"; exit 2', 'UNREADABLE'],
    ['answers no JSON', 'echo canary', 'UNREADABLE'],
    ['answers for another registry', answer('evil', 'canary', 'evil.example'), 'UNREADABLE'],
    ['prints without end', 'yes canary', 'LIMIT'],
    ['prints nothing', 'true', 'UNREADABLE'],
  ])('that %s is an error of this registry, and nobody else’s secret', async (_name, script, code) => {
    const home = await makeHome();
    if (script !== '') await home.helper('bad', script);
    await home.write('.docker/config.json', {
      credHelpers: { 'a.example': 'bad' },
      auths: { 'a.example': basic('never:pw'), 'b.example': basic('b:pw') },
    });
    const failure: unknown = await home.find('a.example').catch((error: unknown) => error);
    expect((failure as { code: string }).code).toBe(code);
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
    expect(told(await home.find('b.example'))).toEqual(['docker-config', 'b', 'pw']);
  });

  it('that say nothing useful know nobody', async () => {
    const home = await makeHome();
    await home.helper('empty', answer('', ''));
    await home.write('.docker/config.json', { credsStore: 'empty' });
    expect(await home.find('a.example')).toBeUndefined();
  });

  it('are found in safe folders only, by safe names only', async () => {
    const home = await makeHome();
    const program = await home.helper('safe', 'true');
    const search = (suffix: string, PATH: string): Promise<string | undefined> =>
      findHelperProgram(suffix, { environment: { PATH }, platform: 'linux' });
    expect(await search('safe', `:.:bin:${home.bin}`)).toBe(program);
    for (const suffix of [
      '../safe',
      'x/../safe',
      'x\\..\\safe',
      'SAFE',
      '',
      ' safe',
      'safe;id',
      'a..b',
      `s${'a'.repeat(64)}`,
      '-safe',
      '.safe',
      'sa:fe',
      'sa\0fe',
    ]) {
      expect(await search(suffix, home.bin)).toBeUndefined();
    }
    expect(await search('safe', 'bin:./bin:')).toBeUndefined();
    await chmod(home.bin, 0o777);
    expect(await search('safe', home.bin)).toBeUndefined();
    await chmod(home.bin, 0o755);
    await chmod(program, 0o644);
    // Root may run anything with an execute bit and nothing without.
    expect(await search('safe', home.bin)).toBeUndefined();
  });

  it('are not run for a configuration outside the home folder', async () => {
    const home = await makeHome();
    const stranger = await makeHome();
    const marker = path.join(home.folder, 'was-run');
    await home.helper('mark', `touch ${marker}; ${answer('x', 'y')}`);
    await stranger.write('config.json', { credsStore: 'mark', auths: { 'a.example': basic('file:pw') } });
    const environment = { PATH: `${home.bin}:/usr/bin:/bin`, DOCKER_CONFIG: stranger.folder };
    expect(await codeOf(home.find('a.example', undefined, { environment }))).toBe('UNREADABLE');
    await expect(readFile(marker)).rejects.toThrow();
  });

  it('run with a small environment, in a folder of their own, and are asked once in a while', async () => {
    const home = await makeHome();
    const log = path.join(home.folder, 'log');
    await home.helper(
      'spy',
      `echo "$(pwd) $(env | cut -d= -f1 | sort | tr '\\n' ' ')" >> ${log}; ${answer('me', 'pw')}`,
    );
    await home.write('.docker/config.json', { credsStore: 'spy' });
    const environment = {
      PATH: `${home.bin}:/usr/bin:/bin`,
      HOME: home.folder,
      AWS_PROFILE: 'work',
      TALLYMAN_SECRET: 'canary',
      NODE_OPTIONS: '--inspect',
      LD_PRELOAD: '/evil.so',
      HTTPS_PROXY: 'http://user:canary@proxy.example',
      http_proxy: 'http://proxy.example',
    };
    const source = createDockerConfigCredentials({ environment, homeFolder: home.folder });
    await Promise.all(Array.from({ length: 20 }, () => source.find('a.example', 'x', signal)));
    await source.find('a.example', 'y', signal);
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1);
    const [folder, ...names] = (lines[0] ?? '').trim().split(' ');
    expect(folder).toMatch(/tallyman-helper-/);
    await expect(readFile(folder!)).rejects.toThrow();
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))).toEqual([
      'AWS_PROFILE',
      'HOME',
      'PATH',
      'http_proxy',
    ]);
  });

  it('end with everything they started when the question is cancelled', async () => {
    const home = await makeHome();
    const pids = path.join(home.folder, 'pids');
    const program = await home.helper('slow', `sleep 60 & echo $! > ${pids}; echo $$ >> ${pids}; wait`);
    const controller = new AbortController();
    const work = runHelper(program, 'get', 'a.example', { PATH: '/usr/bin:/bin' }, controller.signal);
    const waiting = work.catch((error: unknown) => (error as { code: string }).code);
    await new Promise((resolve) => setTimeout(resolve, 500));
    controller.abort();
    expect(await waiting).toBe('CANCELLED');
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const pid of (await readFile(pids, 'utf8')).trim().split('\n').map(Number))
      expect(await isRunning(pid)).toBe(false);
  });
});

describe('sign-ins of this session', () => {
  it('win over every file for their registry, until signed out', async () => {
    const home = await makeHome();
    await home.write('.docker/config.json', {
      auths: { 'a.example': basic('file:pw'), 'https://index.docker.io/v1/': basic('hub:pw') },
    });
    const session = createSessionCredentials(
      createDockerConfigCredentials({ environment: {}, homeFolder: home.folder }),
    );
    const found = async (host: string): Promise<unknown> => told(await session.find(host, 'x', signal));
    session.signIn('a.example', { username: 'me', password: 'typed' });
    session.signIn('docker.io', { username: 'me', password: 'typed' });
    expect(await found('a.example')).toEqual(['session', 'me', 'typed']);
    expect(await found('registry-1.docker.io')).toEqual(['session', 'me', 'typed']);
    expect(await found('b.example')).toBeUndefined();
    session.signOut('a.example');
    expect(await found('a.example')).toEqual(['docker-config', 'file', 'pw']);
    const only = session.only('c.example', { username: 'try', password: 'it' });
    expect([
      told(await only.find('c.example', undefined, signal)),
      await only.find('a.example', undefined, signal),
    ]).toEqual([['session', 'try', 'it'], undefined]);
    expect(await found('c.example')).toBeUndefined();
    expect(inspect(session, { depth: 9, showHidden: true })).not.toContain('typed');
  });
});

async function isRunning(pid: number): Promise<boolean> {
  // A process that has ended but was not waited for has no command line.
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text !== '',
    () => false,
  );
}
