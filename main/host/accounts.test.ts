import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure } from '../testing/content-script.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import {
  hasRealRegistry,
  type RealRegistry,
  startRealRegistry,
  TEST_ACCOUNT,
} from '../testing/real-registries.ts';
import { startScriptedRegistry } from '../testing/scripted-registry.ts';

let host: HostClient;
beforeEach(async () => {
  host = await startHost();
});
afterEach(() => host.close());

describe.skipIf(!hasRealRegistry('distribution-3'))(
  'signing in to a real registry (skipped without distribution 3)',
  () => {
    let registry: RealRegistry;
    beforeAll(async () => {
      registry = await startRealRegistry('distribution-3', { account: true });
    });
    afterAll(() => registry.close());

    const add = async (): Promise<string> =>
      (await host.call('sources.add', { kind: 'registry', location: registry.host })).source.id;

    it('is asked for, tried, kept for this run, and forgotten', async () => {
      const source = await add();
      await expect(host.call('sources.probe', { source })).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        hint: expect.any(String),
      });
      const signedIn = await host.call('accounts.signIn', { source, ...TEST_ACCOUNT });
      expect(signedIn.source.account).toEqual({ username: TEST_ACCOUNT.username, from: 'session' });
      expect(await host.call('repositories.list', { source })).toEqual({ total: 0 });
      const probed = await host.call('sources.probe', { source });
      expect(probed.source).toMatchObject({ plainHttp: true, account: { username: TEST_ACCOUNT.username } });
      const signedOut = await host.call('accounts.signOut', { source });
      expect(signedOut.source).not.toHaveProperty('account');
      await expect(host.call('repositories.list', { source })).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
      });
    });

    it('with a wrong password answers UNAUTHORIZED and keeps nothing of it', async () => {
      const source = await add();
      const told: unknown[] = [];
      host.on('sources.changed', (change) => told.push(change));
      const error: unknown = await host
        .call('accounts.signIn', { source, username: 'tallyman', password: 'canary-wrong' })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'UNAUTHORIZED', hint: expect.any(String) });
      expect(JSON.stringify([error, told, host.log])).not.toContain('canary');
      expect((await host.call('sources.list', {})).sources[1]).not.toHaveProperty('account');
    });

    it('with a wrong password leaves an earlier sign-in as it is', async () => {
      const source = await add();
      await host.call('accounts.signIn', { source, ...TEST_ACCOUNT });
      await expect(
        host.call('accounts.signIn', { source, username: 'x', password: 'y' }),
      ).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
      expect(await host.call('repositories.list', { source })).toEqual({ total: 0 });
    });

    it('is not needed with the account of Docker’s configuration, and says where it was found', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-accounts-'));
      await mkdir(path.join(folder, 'home', '.docker'), { recursive: true });
      const auth = Buffer.from(`${TEST_ACCOUNT.username}:${TEST_ACCOUNT.password}`).toString('base64');
      await writeFile(
        path.join(folder, 'home', '.docker', 'config.json'),
        JSON.stringify({ auths: { [registry.host]: { auth } } }),
      );
      const other = await startHost({ folder });
      const { source } = await other.call('sources.add', { kind: 'registry', location: registry.host });
      const probed = await other.call('sources.probe', { source: source.id });
      expect(probed.source.account).toEqual({ username: TEST_ACCOUNT.username, from: 'docker-config' });
      expect(await other.call('repositories.list', { source: source.id })).toEqual({ total: 0 });
      await other.close();
    });
  },
);

describe('signing in', () => {
  it('sends the password to that registry alone', async () => {
    const seen: string[] = [];
    const start = (name: string) =>
      startScriptedRegistry((request) => {
        if (request.headers.authorization !== undefined) seen.push(name);
        return request.headers.authorization === undefined
          ? { ...failure(401, 'UNAUTHORIZED', 'log in'), headers: { 'www-authenticate': 'Basic realm="x"' } }
          : { body: '{}', headers: { 'content-type': 'application/json' } };
      });
    const [mine, other] = await Promise.all([start('mine'), start('other')]);
    for (const { host: location } of [mine, other])
      await host.call('sources.add', { kind: 'registry', location });
    await host.call('accounts.signIn', {
      source: `registry:${mine.host}`,
      username: 'me',
      password: 'canary',
    });
    await expect(host.call('sources.probe', { source: `registry:${other.host}` })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    expect(new Set(seen)).toEqual(new Set(['mine']));
    await Promise.all([mine.close(), other.close()]);
  });

  it('is nothing that a layout knows', async () => {
    await expect(
      host.call('accounts.signIn', { source: 'local', username: 'a', password: 'b' }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(host.call('accounts.signOut', { source: 'local' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
