import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConformanceData } from '../../testing/conformance-data.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { pushData } from '../../testing/push-data.ts';
import { sendRequest, type ReceivedAnswer, type SentRequest } from '../../testing/send-request.ts';
import { serveLayout } from '../../testing/serve-layout.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { runCommandLine } from './command-line.ts';

interface Serving {
  readonly out: () => string;
  readonly err: () => string;
  readonly send: (place: string, sent?: SentRequest) => Promise<ReceivedAnswer>;
  /** Ctrl-C; its exit code. */
  readonly stop: () => Promise<number>;
}

/** Runs `serve` in this process until it is ready. */
async function start(words: readonly string[], folder: string): Promise<Serving> {
  const interrupt = new AbortController();
  let [out, err] = ['', ''];
  const ended = runCommandLine(['serve', ...words], {
    environment: { TALLYMAN_DATA: path.join(folder, 'data') },
    workingDirectory: folder,
    homeFolder: folder,
    version: '1.2.3',
    signal: interrupt.signal,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  const stop = (): Promise<number> => {
    interrupt.abort();
    return ended;
  };
  onTestFinished(async () => {
    await stop();
  });
  await Promise.race([expect.poll(() => out, { timeout: 20_000 }).toContain('\nReady'), ended]);
  const address = /http:\/\/\S+/.exec(out)?.[0] ?? 'http://127.0.0.1:1/';
  return {
    out: () => out,
    err: () => err,
    send: (place, sent) => sendRequest(new URL(place, address).href, sent),
    stop,
  };
}

describe('tallyman serve', () => {
  it('prints its address and a ready line, serves the folder, and ends with 0 when it is stopped', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'store'));
    const serving = await start(['./store'], folder);
    expect(serving.out()).toMatch(
      /^Serving \S+\/store \(read-write\) at http:\/\/127\.0\.0\.1:\d+\/\nReady\. Ctrl-C stops it\.\n$/,
    );
    const data = new ConformanceData();
    data.image({ tag: 'v1' });
    await pushData(serving, 'store', data);
    expect(await serving.stop()).toBe(0);
    expect(serving.err()).toBe('');
    await expect(serving.send('/v2/')).rejects.toThrow();
    const again = await start(['store', '--read-only', '--repository', 'team/app'], folder);
    expect((await again.send('/v2/team/app/tags/list')).json()).toEqual({ name: 'team/app', tags: ['v1'] });
    expect(again.out()).toContain('(read-only)');
  });

  it('serves the local store without a folder, and makes it where nothing was', async () => {
    const folder = await temporaryFolder();
    const serving = await start([], folder);
    expect((await serving.send('/v2/_catalog')).json()).toEqual({ repositories: [] });
    expect(await readdir(path.join(folder, 'data', 'store'))).toContain('oci-layout');
    expect(serving.err()).toBe('');
  });

  it('says that it makes a layout where a named folder is not there', async () => {
    const folder = await temporaryFolder();
    const serving = await start(['typo'], folder);
    expect(serving.err()).toBe('tallyman: There was nothing at typo: an empty layout is made there.\n');
  });

  it('wants the token of a file', async () => {
    const folder = await temporaryFolder();
    const [store, token] = [path.join(folder, 'store'), 'one-token-that-is-long-enough'];
    await writeFile(path.join(folder, 'token'), `${token}\n`, { mode: 0o600 });
    const serving = await start([store, '--token-file', 'token'], folder);
    expect((await serving.send('/v2/')).status).toBe(401);
    expect((await serving.send('/v2/', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect(serving.out() + serving.err()).not.toContain(token);
    await serving.stop();

    await chmod(path.join(folder, 'token'), 0o644);
    const warned = await start([store, '--token-file', 'token'], folder);
    expect(warned.err()).toContain('Others on this machine may read');
    for (const [content, code] of [
      ['short', 1],
      ['two words that are long enough', 1],
      ['', 1],
      ['a'.repeat(5_000), 1],
    ] as const) {
      await writeFile(path.join(folder, 'token'), content);
      const refused = await start([store, '--token-file', 'token'], folder);
      expect([content.length, await refused.stop(), refused.out()]).toEqual([content.length, code, '']);
      expect(refused.err()).toContain('holds no token');
    }
    const absent = await start([store, '--token-file', 'absent'], folder);
    expect([await absent.stop(), absent.out()]).toEqual([1, '']);
  });

  it('serves an archive read-only', async () => {
    const folder = await temporaryFolder();
    const files = new LayoutFiles();
    files.setEntries([named(files.manifest(), 'v1')]);
    await writeFile(path.join(folder, 'Some Release.tar'), files.toTar());
    const serving = await start(['Some Release.tar'], folder);
    expect(serving.err()).toBe('tallyman: An archive is served read-only.\n');
    expect((await serving.send('/v2/_catalog')).json()).toEqual({ repositories: ['some-release'] });
    const read = await serving.send('/v2/some-release/manifests/v1');
    expect(read.status).toBe(200);
    const { config } = read.json() as { readonly config: { readonly digest: string } };
    expect((await serving.send(`/v2/some-release/blobs/${config.digest}`)).body.toString()).toBe('{}');
    expect((await serving.send('/v2/some-release/manifests/v1', { method: 'DELETE' })).status).toBe(405);
  });

  it('serves another registry read-only', async () => {
    const upstream = await serveLayout();
    onTestFinished(() => upstream.close());
    const data = new ConformanceData();
    data.image({ tag: 'v1' });
    await pushData(upstream, 'team/app', data);
    const folder = await temporaryFolder();
    const serving = await start([`registry:${upstream.host}`], folder);
    expect(serving.out()).toContain(`Serving ${upstream.host} (read-only)`);
    expect((await serving.send('/v2/_catalog')).json()).toEqual({ repositories: ['team/app'] });
    expect((await serving.send('/v2/team/app/manifests/v1')).status).toBe(200);
    for (const [digest, bytes] of data.blobs) {
      expect((await serving.send(`/v2/team/app/blobs/${digest}`)).body.equals(bytes)).toBe(true);
    }
  });

  it.each([
    [['a', 'b'], 2, '“b” is too much'],
    [['--port', '70000'], 2, '--port is a number'],
    [['--port', 'x'], 2, '--port is a number'],
    [['--repository', 'A'], 2, 'no repository name'],
    [['--nonsense'], 2, 'nonsense'],
    [['not-a-layout'], 1, 'no OCI image layout'],
    [['newer'], 1, '2.0.0'],
    [['file.txt'], 1, 'file.txt'],
    [['absent', '--read-only'], 1, 'nothing at'],
    [['registry:127.0.0.1:1'], 1, '127.0.0.1:1'],
  ])('ends %j with %i and says why', async (words, code, reason) => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'not-a-layout'));
    await writeFile(path.join(folder, 'not-a-layout', 'notes.txt'), 'of a person');
    await mkdir(path.join(folder, 'newer'));
    await writeFile(path.join(folder, 'newer', 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    await writeFile(path.join(folder, 'newer', 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    await writeFile(path.join(folder, 'file.txt'), 'no archive');
    const refused = await start(words, folder);
    expect([await refused.stop(), refused.out()]).toEqual([code, '']);
    expect(refused.err()).toContain(reason);
    expect(await readdir(path.join(folder, 'not-a-layout'))).toEqual(['notes.txt']);
    expect(await readdir(path.join(folder, 'newer'))).toEqual(['index.json', 'oci-layout']);
  });

  it('says when a port is taken', async () => {
    const folder = await temporaryFolder();
    const first = await start(['one'], folder);
    const port = /:(\d+)\//.exec(first.out())![1]!;
    const second = await start(['two', '--port', port], folder);
    expect([await second.stop(), second.out()]).toEqual([1, '']);
    expect(second.err()).toContain(`Port ${port} of 127.0.0.1 is taken`);
  });
});
