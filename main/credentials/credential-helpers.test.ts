import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { basic, codeOf, makeHome, signal, told } from '../testing/home-folder.ts';
import { createDockerConfigCredentials } from './docker-config.ts';
import { findHelperProgram } from './find-helper-program.ts';
import { runHelper } from './run-helper.ts';

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

async function isRunning(pid: number): Promise<boolean> {
  // A process that has ended but was not waited for has no command line.
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text !== '',
    () => false,
  );
}
