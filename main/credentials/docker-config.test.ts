import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { basic, codeOf, makeHome, signal, told } from '../testing/home-folder.ts';
import { createDockerConfigCredentials } from './docker-config.ts';
import { createSessionCredentials } from './session-credentials.ts';

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
