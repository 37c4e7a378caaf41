import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { blobOf, noise } from '../../testing/blob-sources.ts';
import { failure } from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal } from '../../testing/open-registry.ts';
import { failureOf } from '../../testing/token-world.ts';
import {
  BLOB,
  MIB,
  nth,
  SMALL_PARTS,
  write,
  startUploadWorld as start,
  type Fault,
} from '../../testing/upload-world.ts';

describe('refusals', () => {
  it.each([
    [403, 'DENIED', 'DENIED', 'may not push'],
    [403, 'DENIED', 'LIMIT', 'no room', 'adding 5 MB would exceed the quota'],
    [404, 'NAME_UNKNOWN', 'NOT_FOUND', 'made before'],
    [405, 'UNSUPPORTED', 'UNSUPPORTED', 'read-only'],
    [413, 'SIZE_INVALID', 'LIMIT', 'large'],
    [507, 'UNKNOWN', 'LIMIT', 'room'],
    [400, 'NAME_INVALID', 'REGISTRY_ERROR', ''],
  ])('%i %s is %s', async (status, registryCode, code, hint, message = 'no') => {
    for (const blob of [blobOf(Buffer.from('x')), BLOB]) {
      const world = await start((request) =>
        request.method === 'POST' ? failure(status, registryCode, message) : undefined,
      );
      const error = await failureOf(write(world, blob));
      expect(error.code).toBe(code);
      expect(error.message).toContain('team/app');
      expect(error.hint).toContain(hint);
      expect(world.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2);
    }
  });

  it('come in the middle of a body, before the connection is closed', async () => {
    const server = createServer((socket) => {
      let asked = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        asked += chunk.toString('latin1');
        if (asked.startsWith('HEAD')) socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
        else if (asked.startsWith('POST'))
          socket.write(
            'HTTP/1.1 202 Accepted\r\nlocation: /v2/team/app/blobs/uploads/1\r\ncontent-length: 0\r\n\r\n',
          );
        else if (asked.startsWith('PUT') && asked.length > 200_000) {
          const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'read only today' }] });
          socket.write(
            `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          );
          asked = 'answered';
          return;
        } else if (asked.startsWith('DELETE')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        else return;
        asked = '';
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { registry } = openTestRegistry({ host, plainHttp: true });
    const writer = await registry.repository('team/app').openWriter?.({ signal: quietSignal() });
    if (writer === undefined) throw new Error('It can be written to.');
    const error = await failureOf(write({ writer }, blobOf(noise(20 * MIB, 3))));
    expect(error).toMatchObject({ code: 'DENIED' });
    expect(error.message).toContain('read only today');
  });
});

describe('Locations of uploads', () => {
  const foreign = (location: string): Fault =>
    nth('POST', 1, async (request, serve) => ({
      ...(await serve(request)),
      status: 202,
      headers: { location },
    }));

  it.each([
    ['another host', 'http://127.0.0.2:1/v2/x/blobs/uploads/1'],
    ['another port', 'http://127.0.0.1:1/v2/x/blobs/uploads/1'],
    ['another scheme', 'https://127.0.0.1/v2/x/blobs/uploads/1'],
    ['a scheme-relative host', '//attacker.test/v2/x'],
    ['a file', 'file:///etc/passwd'],
  ])('on %s are not asked', async (_name, location) => {
    for (const blob of [blobOf(noise(2 * MIB, 6)), BLOB]) {
      const world = await start(foreign(location), blob === BLOB ? SMALL_PARTS : {});
      expect(await failureOf(write(world, blob))).toMatchObject({ code: 'OUTBOUND_REFUSED' });
      expect(world.methods()).toEqual(['POST']);
    }
  });

  it.each([
    ['nothing', undefined, 'PROTOCOL'],
    ['no URL', 'http://[', 'PROTOCOL'],
    ['something endless', `/${'x'.repeat(20_000)}`, 'LIMIT'],
  ])('that are %s are told', async (_name, location, code) => {
    const world = await start(
      nth('POST', 1, () => ({ status: 202, headers: location === undefined ? {} : { location } })),
    );
    expect(await failureOf(write(world, BLOB))).toMatchObject({ code });
  });

  it('may be absolute on the registry itself', async () => {
    const world = await start(async (request, serve) => {
      const answer = await serve(request);
      const { location } = (answer?.headers ?? {}) as { location?: string };
      if (location === undefined) return answer;
      return { ...answer, headers: { ...answer?.headers, location: `http://${request.host}${location}` } };
    });
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });
});

describe('content that is not what it was said to be', () => {
  const changing = (change: (bytes: Buffer) => Uint8Array): BlobSource => {
    const bytes = noise(3.5 * MIB, 11);
    return blobOf(change(bytes)).source;
  };

  it.each([
    ['has another byte', (bytes: Buffer) => bytes.fill(0, 3 * MIB, 3 * MIB + 1), 'DIGEST_MISMATCH'],
    ['became shorter', (bytes: Buffer) => bytes.subarray(0, 3 * MIB), 'SIZE_MISMATCH'],
    ['became longer', (bytes: Buffer) => Buffer.concat([bytes, bytes.subarray(0, 1)]), 'SIZE_MISMATCH'],
  ])('is not sent to its end when it %s, and the upload is cancelled', async (_name, change, code) => {
    for (const habits of [SMALL_PARTS, {}]) {
      const world = await start(undefined, habits);
      const kept: string[] = [];
      const blob = { descriptor: BLOB.descriptor, source: changing(change) };
      const error = await failureOf(write(world, blob, { onResumable: (state) => kept.push(state) }));
      expect(error.code).toBe(code);
      expect(error.hint).toContain('changed while it was being sent');
      expect(world.uploads.open.size).toBe(0);
      expect(world.stored(BLOB)).toBeUndefined();
    }
  });

  it('throws what reading it threw, and the upload is cancelled', async () => {
    const world = await start();
    const unreadable = new TallymanError({ code: 'UNREADABLE', message: 'The disk is broken.' });
    const source: BlobSource = {
      async *open(offset, options) {
        let given = 0;
        for await (const piece of BLOB.source.open(offset, options)) {
          if (given > 1.2 * MIB) throw unreadable;
          given += piece.byteLength;
          yield piece;
        }
      },
    };
    await expect(write(world, { descriptor: BLOB.descriptor, source })).rejects.toBe(unreadable);
    expect(world.uploads.open.size).toBe(0);
  });
});
