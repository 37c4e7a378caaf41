import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForChild, type ChildProgram } from '../testing/bundle-for-child.ts';
import { ConformanceData, digestOfBytes } from '../testing/conformance-data.ts';
import { pushBlob, pushData } from '../testing/push-data.ts';
import { serveProcess, type ServeProcess } from '../testing/serve-process.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

// The server as a process of its own: how it ends, what a killed one loses, and how much memory it takes.

const LONG = 240_000;
const MIB = 1024 * 1024;

let program: ChildProgram;
beforeAll(async () => {
  program = await bundleForChild(fileURLToPath(new URL('../host/command-line/run.ts', import.meta.url)));
}, LONG);
afterAll(() => program.remove());

const begin = async (server: ServeProcess): Promise<string> =>
  (await server.send('/v2/team/app/blobs/uploads/', { method: 'POST', body: '' })).headers.location!;

async function uploaded(server: ServeProcess, location: string): Promise<number> {
  const { status, headers } = await server.send(location);
  const last = Number((headers.range ?? '0-0').split('-')[1]);
  return status === 204 ? last + (last === 0 ? 0 : 1) : -1;
}

describe('the process', () => {
  it('ends with 0 on SIGTERM, in the middle of an upload, which goes on at the next one', async () => {
    const folder = await temporaryFolder();
    const first = await serveProcess(program.file, [folder]);
    const location = await begin(first);
    const bytes = randomBytes(5 * MIB);
    const outgoing = httpRequest(`http://${first.host}${location}`, {
      method: 'PATCH',
      headers: { 'content-length': bytes.byteLength },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(bytes.subarray(0, 4 * MIB));
    await expect.poll(() => uploaded(first, location), { timeout: 30_000 }).toBeGreaterThan(2 * MIB);
    expect([await first.end('SIGTERM'), first.err()]).toEqual([0, '']);
    outgoing.destroy();

    const second = await serveProcess(program.file, [folder]);
    const size = await uploaded(second, location);
    expect(size).toBeGreaterThan(2 * MIB);
    const digest = digestOfBytes(bytes, 'sha256');
    const { status } = await second.send(`${location}?digest=${digest}`, {
      method: 'PUT',
      body: bytes.subarray(size),
    });
    expect(status).toBe(201);
    expect(await second.end('SIGINT')).toBe(0);
  });

  it(
    'loses nothing that it confirmed, however often it is killed in the middle of pushes',
    async () => {
      const folder = await temporaryFolder();
      const confirmed: { repository: string; digest: string; kind: 'blobs' | 'manifests'; tag?: string }[] =
        [];
      for (let round = 0; round < 6; round += 1) {
        const server = await serveProcess(program.file, [folder]);
        let killed = false;
        const push = async (worker: number): Promise<void> => {
          const repository = `team/app${worker}`;
          for (let number = 0; !killed; number += 1) {
            const data = new ConformanceData();
            const tag = `r${round}-${number}`;
            data.image({
              tag,
              layers: [{ mediaType: 'a/b', bytes: randomBytes(worker === 0 ? 2 * MIB : 500) }],
            });
            for (const [digest, bytes] of data.blobs) {
              await pushBlob(server, repository, digest, bytes);
              confirmed.push({ repository, digest, kind: 'blobs' });
            }
            data.blobs.clear();
            await pushData(server, repository, data);
            confirmed.push({ repository, digest: data.manifests[0]!.digest, kind: 'manifests', tag });
          }
        };
        const workers = [0, 1, 2].map((worker) => push(worker).catch(() => undefined));
        const before = confirmed.length;
        await expect
          .poll(() => confirmed.length, { timeout: 60_000, interval: 5 })
          .toBeGreaterThan(before + 5 + round * 3);
        killed = true;
        expect(await server.end('SIGKILL')).toBe('SIGKILL');
        await Promise.all(workers);
      }
      const server = await serveProcess(program.file, [folder]);
      for (const { repository, digest, kind, tag } of confirmed) {
        const { status, body } = await server.send(`/v2/${repository}/${kind}/${digest}`);
        expect([status, digestOfBytes(body, 'sha256')]).toEqual([200, digest]);
        if (tag === undefined) continue;
        const { headers } = await server.send(`/v2/${repository}/manifests/${tag}`, { method: 'HEAD' });
        expect([tag, headers['docker-content-digest']]).toEqual([tag, digest]);
      }
      expect(confirmed.length).toBeGreaterThan(40);
      expect([await server.end('SIGTERM'), server.err()]).toEqual([0, '']);
    },
    LONG,
  );

  it.skipIf(process.platform !== 'linux')(
    'takes and gives a blob of 256 MiB in no more memory than idle + 64 MiB (Linux tells how much that is)',
    async () => {
      const size = 256 * MIB;
      const block = randomBytes(MIB);
      async function* blocks(): AsyncGenerator<Uint8Array, void, undefined> {
        for (let number = 0; number < size / MIB; number += 1) yield await Promise.resolve(block);
      }
      const hash = createHash('sha256');
      for await (const each of blocks()) hash.update(each);
      const digest = `sha256:${hash.digest('hex')}`;

      const folder = await temporaryFolder();
      const server = await serveProcess(program.file, [folder]);
      // The code of a push and a pull is in memory before it is measured.
      const warm = randomBytes(3 * MIB);
      await pushBlob(server, 'team/app', digestOfBytes(warm, 'sha256'), warm);
      await server.send(`/v2/team/app/blobs/${digestOfBytes(warm, 'sha256')}`);
      const idle = (await server.memory()).now;

      const stored = await server.send(`${await begin(server)}?digest=${digest}`, {
        method: 'PUT',
        body: blocks(),
      });
      expect(stored.status).toBe(201);
      const pushed = (await server.memory()).peak - idle;
      await server.end('SIGTERM');

      // Another process: it has to verify what it gives.
      const next = await serveProcess(program.file, [folder]);
      await next.send(`/v2/team/app/blobs/${digestOfBytes(warm, 'sha256')}`);
      const nextIdle = (await next.memory()).now;
      const { received, length } = await pull(`http://${next.host}/v2/team/app/blobs/${digest}`);
      expect([received, length]).toEqual([digest, size]);
      const pulled = (await next.memory()).peak - nextIdle;

      const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
      process.stderr.write(
        `server, a blob of 256 MiB: +${mib(pushed)} pushed, +${mib(pulled)} pulled (idle ${mib(idle)})\n`,
      );
      expect(pushed).toBeLessThan(64 * MIB);
      expect(pulled).toBeLessThan(64 * MIB);
    },
    LONG,
  );
});

/** Reads an answer without keeping it: its digest and its length. */
function pull(address: string): Promise<{ readonly received: string; readonly length: number }> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    let length = 0;
    httpRequest(address, (incoming) => {
      incoming.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        length += chunk.byteLength;
      });
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ received: `sha256:${hash.digest('hex')}`, length }));
    })
      .on('error', reject)
      .end();
  });
}
