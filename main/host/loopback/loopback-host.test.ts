import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import type { Dispatcher } from '../dispatch.ts';
import { readAssetMap } from '../page/asset-map.ts';
import { startLoopbackHost } from './loopback-host.ts';
import type { LoopbackHost, LoopbackOptions } from './loopback-host.ts';
import {
  BODY_LIMIT,
  FAILED_TRIES_LIMIT,
  HEARTBEAT_INTERVAL,
  IDLE_LIMIT,
  LAUNCH_SECRET_LIFE,
  REQUEST_RATE_LIMIT,
} from './limits.ts';

const hosts: LoopbackHost[] = [];
let dist = '';
let clock = 0;
let ended: string[] = [];
let dropped: string[] = [];

/** Sends back what it gets, so that a test sees whether a message passed. */
const echo: Dispatcher = {
  connect: (send) => ({
    receive: (message) => send({ type: 'result', id: 1, value: message }),
    close: () => undefined,
  }),
};

async function start(options: Partial<LoopbackOptions> = {}): Promise<LoopbackHost> {
  const host = await startLoopbackHost({
    assets: await readAssetMap(dist),
    dispatcher: echo,
    answerSave: () => Promise.resolve(new Response('saved bytes')),
    receiveDrop: async (place, piece) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of piece) chunks.push(chunk);
      dropped.push(`${place} ${Buffer.concat(chunks).toString()}`);
      return place.endsWith('/7') ? 204 : 409;
    },
    onEnd: (reason) => ended.push(reason),
    now: () => clock,
    ...options,
  });
  hosts.push(host);
  return host;
}

beforeEach(async () => {
  clock = Date.now();
  ended = [];
  dropped = [];
  dist = await mkdtemp(path.join(tmpdir(), 'tallyman-loopback-'));
  await mkdir(path.join(dist, 'renderer', 'assets'), { recursive: true });
  await writeFile(path.join(dist, 'renderer', 'index.html'), '<!doctype html><title>Tallyman</title>');
  await writeFile(path.join(dist, 'renderer', 'assets', 'main-1.js'), 'export {};');
  await writeFile(path.join(dist, 'secret.txt'), 'outside of the asset map');
  await writeFile(
    path.join(dist, 'assets.json'),
    JSON.stringify({
      '/index.html': { file: 'index.html', type: 'text/html; charset=utf-8' },
      '/assets/main-1.js': { file: 'assets/main-1.js', type: 'text/javascript; charset=utf-8' },
    }),
  );
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await rm(dist, { recursive: true });
});

/** Sends a request exactly as spelled; `fetch` would correct it. */
async function sendRaw(
  host: LoopbackHost,
  text: string,
): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(Number(new URL(host.origin).port), '127.0.0.1');
  socket.write(text);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  const answer = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body };
}

function get(
  host: LoopbackHost,
  target: string,
  headers: readonly string[] = [],
): ReturnType<typeof sendRaw> {
  return sendRaw(
    host,
    [`GET ${target} HTTP/1.1`, `Host: ${hostOf(host)}`, ...headers, 'Connection: close', '', ''].join('\r\n'),
  );
}

const hostOf = (host: LoopbackHost): string => new URL(host.origin).host;

function exchange(
  host: LoopbackHost,
  secret: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${host.origin}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: host.origin, ...headers },
    body: JSON.stringify({ secret }),
  });
}

const secretOf = (address: string): string => new URL(address).hash.replace('#t=', '');

async function signIn(host: LoopbackHost): Promise<{ bearer: string; cookie: string }> {
  const response = await exchange(host, secretOf(host.launchAddress()));
  const { bearer } = (await response.json()) as { readonly bearer: string };
  return { bearer, cookie: response.headers.get('set-cookie')!.split(';', 1)[0]! };
}

interface SocketHeaders {
  readonly bearer?: string;
  readonly cookie?: string;
  readonly origin?: string;
  readonly target?: string;
  readonly host?: string;
}

/** "open", or the status that refused it. */
async function openSocket(host: LoopbackHost, given: SocketHeaders): Promise<string> {
  const headers = {
    ...(given.cookie === undefined ? {} : { cookie: given.cookie }),
    ...(given.origin === undefined ? {} : { origin: given.origin }),
    ...(given.host === undefined ? {} : { host: given.host }),
  };
  const protocols = given.bearer === undefined ? [] : [`tallyman.bearer.${given.bearer}`];
  const socket = new WebSocket(`ws://${hostOf(host)}${given.target ?? '/socket'}`, protocols, { headers });
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('unexpected-response', (_, response) => {
      resolve(String(response.statusCode));
      socket.terminate();
    });
    socket.on('error', () => resolve('error'));
  });
}

describe('the gate of the loopback host', () => {
  it('refuses every Host but its own, exactly (W-a)', async () => {
    const host = await start();
    const { port } = new URL(host.origin);
    const wrong = [
      'localhost',
      `localhost:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
      `127.0.0.1:0${port}`,
      `127.0.0.1:${port}.`,
      `127.0.0.1.:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `127.0.0.2:${port}`,
      `127.1:${port}`,
      `0.0.0.0:${port}`,
      `2130706433:${port}`,
      `0x7f000001:${port}`,
      `0177.0.0.1:${port}`,
      `[::1]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `localhost.evil:${port}`,
      `evil.example:${port}`,
      `evil.example`,
      `127.0.0.1:${port}@evil.example`,
      `user@127.0.0.1:${port}`,
      `127.0.0.1:${port}/`,
      `127.0.0.1:${port}#x`,
      `127.0.0.1:${port},evil.example`,
      `127.0.0.1:${port} evil.example`,
      `127.0.0.1 :${port}`,
      `127.0.0.1: ${port}`,
      `http://127.0.0.1:${port}`,
      `127.0.0.1:${port}:80`,
      `１２７.0.0.1:${port}`,
      `127。0。0。1:${port}`,
      `rebind.network:${port}`,
      `7f000001.c0a80001.rbndr.us:${port}`,
      `host.docker.internal:${port}`,
      `127.0.0.1:${port}\t.evil.example`,
      '',
      `169.254.169.254:${port}`,
      `127.0.0.1:+${port}`,
      `127.0.0.1:${port}?`,
      `127.0.0.1:${port}%00`,
    ];
    expect(wrong.length).toBeGreaterThanOrEqual(40);
    for (const name of wrong) {
      const answer = await sendRaw(host, `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      expect([400, 421], `Host: ${name}`).toContain(answer.status);
      expect(answer.body, `Host: ${name}`).not.toContain('Tallyman');
    }
    const own = hostOf(host);
    const twice = await sendRaw(
      host,
      `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 421]).toContain(twice.status);
    expect((await sendRaw(host, `GET / HTTP/1.0\r\n\r\n`)).status).toBe(421);
    expect(
      (await sendRaw(host, `GET http://evil.example/ HTTP/1.1\r\nHost: ${own}\r\nConnection: close\r\n\r\n`))
        .status,
    ).toBe(400);
    expect(
      (await sendRaw(host, `GET http://${own}/ HTTP/1.1\r\nHost: ${own}\r\nConnection: close\r\n\r\n`))
        .status,
    ).toBe(400);
    expect((await get(host, '/')).status).toBe(200);
  });

  it('believes no X-Forwarded header', async () => {
    const host = await start();
    const forged = [
      `X-Forwarded-Host: ${hostOf(host)}`,
      `Forwarded: host=${hostOf(host)}`,
      'Connection: close',
      '',
      '',
    ];
    expect(
      (await sendRaw(host, ['GET / HTTP/1.1', 'Host: evil.example', ...forged].join('\r\n'))).status,
    ).toBe(421);
  });

  it('answers 200 spellings of a path outside the asset map with 400 or 404 (W-e)', async () => {
    const host = await start();
    const dots = [
      '..',
      '%2e%2e',
      '.%2e',
      '%2E.',
      '..;',
      '....',
      '%252e%252e',
      '%c0%ae%c0%ae',
      '%uff0e%uff0e',
      '．．',
    ];
    const slashes = ['/', '%2f', '%2F', '\\', '%5c', '%5C', '//', '/./', '%252f', '%c0%af'];
    const targets = dots.flatMap((dot) =>
      slashes.flatMap((slash) => [
        `/${dot}${slash}secret.txt`,
        `/assets${slash}${dot}${slash}${dot}${slash}secret.txt`,
      ]),
    );
    expect(targets.length).toBe(200);
    let left = REQUEST_RATE_LIMIT;
    for (const target of [
      ...targets,
      '/secret.txt',
      '/index.html%00',
      '/index.html/',
      '/INDEX.HTML',
      '/assets',
      '/assets/',
      '/assets.json',
      '/build-stamp',
    ]) {
      if (--left === 0) {
        clock += 1000;
        left = REQUEST_RATE_LIMIT;
      }
      const answer = await get(host, target);
      expect([400, 404], target).toContain(answer.status);
      expect(answer.body, target).not.toContain('outside');
    }
  });

  it('serves the files of the map, and nothing else, with the headers that lock a page in', async () => {
    const host = await start();
    const page = await fetch(`${host.origin}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Tallyman</title>');
    const headers = Object.fromEntries(page.headers);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; ");
    expect(headers['content-security-policy']).not.toContain('unsafe-eval');
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const script = await fetch(`${host.origin}/assets/main-1.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await fetch(`${host.origin}/nothing`)).status).toBe(404);
  });

  it('refuses preflights, other methods, and whatever comes from another origin', async () => {
    const host = await start();
    const own = `Host: ${hostOf(host)}`;
    const send = async (method: string, target: string, ...headers: string[]): Promise<number> =>
      (
        await sendRaw(
          host,
          [
            `${method} ${target} HTTP/1.1`,
            own,
            ...headers,
            'Content-Length: 0',
            'Connection: close',
            '',
            '',
          ].join('\r\n'),
        )
      ).status;

    expect(await send('OPTIONS', '/session', `Origin: ${host.origin}`)).toBe(403);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])
      expect(await send(method, '/')).toBe(405);
    expect(await send('POST', '/session')).toBe(403); // names no origin
    for (const origin of [
      'null',
      'http://evil.example',
      `https://${hostOf(host)}`,
      `${host.origin}.evil.example`,
      `${host.origin}/`,
      'http://127.0.0.1',
      'http://localhost:1',
    ]) {
      expect(await send('GET', '/', `Origin: ${origin}`), origin).toBe(403);
      expect(await send('POST', '/session', `Origin: ${origin}`), origin).toBe(403);
    }
    expect(await send('GET', '/', `Origin: ${host.origin}`, 'Origin: http://evil.example')).toBe(403);
    for (const site of ['cross-site', 'same-site']) {
      expect(await send('GET', '/assets/main-1.js', `Sec-Fetch-Site: ${site}`)).toBe(403);
      expect(await send('POST', '/session', `Origin: ${host.origin}`, `Sec-Fetch-Site: ${site}`)).toBe(403);
      expect(
        await send('GET', '/', `Sec-Fetch-Site: ${site}`, 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'),
      ).toBe(403);
      expect(
        await send(
          'GET',
          '/',
          `Sec-Fetch-Site: ${site}`,
          'Sec-Fetch-Mode: navigate',
          'Sec-Fetch-Dest: iframe',
        ),
      ).toBe(403);
      // A link may open the window as a page of its own; it carries neither secret nor session.
      expect(
        await send(
          'GET',
          '/',
          `Sec-Fetch-Site: ${site}`,
          'Sec-Fetch-Mode: navigate',
          'Sec-Fetch-Dest: document',
        ),
      ).toBe(200);
    }
    expect(
      await send('GET', '/', 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'),
    ).toBe(200);
  });
});

describe('a session of the loopback host', () => {
  it('is opened by the launch address, once, for a cookie and the bearer of one tab', async () => {
    const host = await start();
    const address = host.launchAddress();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#t=[A-Za-z0-9_-]{43}$/);
    const response = await exchange(host, secretOf(address));
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(
      /^tallyman_\d+_[A-Za-z0-9]{8}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { bearer } = (await response.json()) as { readonly bearer: string };
    expect(bearer).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(bearer).not.toBe(secretOf(address));

    const replay = await exchange(host, secretOf(address));
    expect(replay.status).toBe(401);
    expect(replay.headers.get('set-cookie')).toBeNull();
    expect(await replay.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
  });

  it('is not opened by a secret older than a minute, nor by one that a newer replaced', async () => {
    const host = await start();
    const old = secretOf(host.launchAddress());
    clock += LAUNCH_SECRET_LIFE;
    expect((await exchange(host, old)).status).toBe(401);
    const replaced = secretOf(host.launchAddress());
    const current = secretOf(host.launchAddress());
    expect((await exchange(host, replaced)).status).toBe(401);
    expect((await exchange(host, current)).status).toBe(200);
  });

  it('ends the host after ten wrong secrets (W-c)', async () => {
    const host = await start();
    const right = secretOf(host.launchAddress());
    for (let attempt = 1; attempt < FAILED_TRIES_LIMIT; attempt++) {
      expect((await exchange(host, `guess-${attempt}`)).status).toBe(401);
      expect(ended).toEqual([]);
    }
    await exchange(host, 'the last guess').catch(() => undefined);
    expect(ended).toEqual(['guessed']);
    await expect(exchange(host, right)).rejects.toThrow();
  });

  it('counts no attempt of another site as a guess', async () => {
    const host = await start();
    const secret = secretOf(host.launchAddress());
    for (let attempt = 0; attempt < FAILED_TRIES_LIMIT * 2; attempt++) {
      expect((await exchange(host, 'guess', { origin: 'http://evil.example' })).status).toBe(403);
    }
    expect((await exchange(host, secret)).status).toBe(200);
  });

  it('takes only JSON of the right form and size', async () => {
    const host = await start();
    const post = async (type: string, body: string): Promise<number> =>
      (
        await fetch(`${host.origin}/session`, {
          method: 'POST',
          headers: { 'content-type': type, origin: host.origin },
          body,
        })
      ).status;
    const secret = secretOf(host.launchAddress());
    expect(await post('text/plain', JSON.stringify({ secret }))).toBe(415);
    expect(await post('application/x-www-form-urlencoded', `secret=${secret}`)).toBe(415);
    expect(await post('application/json', 'nonsense')).toBe(400);
    expect(await post('application/json', JSON.stringify({ secret: [secret] }))).toBe(400);
    expect(await post('application/json', JSON.stringify({ secret: 'x'.repeat(BODY_LIMIT) }))).toBe(413);
    expect(await post('application/json; charset=utf-8', JSON.stringify({ secret }))).toBe(200);
  });

  it('opens the socket for cookie and bearer together, from its own origin only', async () => {
    const host = await start();
    const { bearer, cookie } = await signIn(host);
    const other = await signIn(await start());
    const origin = host.origin;
    expect(await openSocket(host, { bearer, cookie, origin })).toBe('open');
    expect(await openSocket(host, { bearer, cookie, origin })).toBe('open'); // a reload
    expect(await openSocket(host, { cookie, origin })).toBe('401');
    expect(await openSocket(host, { bearer, origin })).toBe('401');
    expect(await openSocket(host, { bearer: other.bearer, cookie, origin })).toBe('401');
    expect(await openSocket(host, { bearer, cookie: other.cookie, origin })).toBe('401');
    expect(await openSocket(host, { bearer, cookie })).toBe('403');
    expect(await openSocket(host, { bearer, cookie, origin: 'http://evil.example' })).toBe('403');
    expect(await openSocket(host, { bearer, cookie, origin: 'null' })).toBe('403');
    expect(
      await openSocket(host, { bearer, cookie, origin, host: `localhost:${new URL(origin).port}` }),
    ).toBe('421');
    expect(await openSocket(host, { bearer, cookie, origin, target: '/other' })).toBe('404');
  });

  it('gives saved content only to a browser that holds its cookie', async () => {
    const host = await start();
    const { cookie } = await signIn(host);
    const address = `${host.origin}/blob/save/ticket`;
    expect((await fetch(address)).status).toBe(401);
    expect((await fetch(address, { headers: { cookie: `${cookie}x` } })).status).toBe(401);
    expect(await (await fetch(address, { headers: { cookie } })).text()).toBe('saved bytes');
    expect((await fetch(address, { headers: { cookie, 'sec-fetch-site': 'same-site' } })).status).toBe(403);
  });
});

describe('the socket of the loopback host', () => {
  async function connected(host: LoopbackHost): Promise<WebSocket> {
    const { bearer, cookie } = await signIn(host);
    const socket = new WebSocket(`ws://${hostOf(host)}/socket`, `tallyman.bearer.${bearer}`, {
      headers: { cookie, origin: host.origin },
    });
    await once(socket, 'open');
    return socket;
  }

  it('carries messages as JSON both ways', async () => {
    const socket = await connected(await start());
    socket.send(JSON.stringify({ type: 'call', id: 1, name: 'host.info', input: {} }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toEqual({
      type: 'result',
      id: 1,
      value: { type: 'call', id: 1, name: 'host.info', input: {} },
    });
    socket.terminate();
  });

  it.each([
    ['text that is no JSON', (socket: WebSocket) => socket.send('{'), 1003],
    ['binary', (socket: WebSocket) => socket.send(Buffer.from('{}')), 1003],
    ['a message over the limit', (socket: WebSocket) => socket.send(`"${'x'.repeat(BODY_LIMIT)}"`), 1009],
  ])('cuts a tab off that sends %s', async (_, send, code) => {
    const socket = await connected(await start());
    socket.on('error', () => undefined);
    send(socket);
    const [closed] = (await once(socket, 'close')) as [number];
    expect([code, 1006]).toContain(closed);
  });
});

describe('the patience of the loopback host', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('ends when nobody uses it for twelve hours, and not while a tab is open', async () => {
    const host = await start();
    const { bearer, cookie } = await signIn(host);
    const socket = new WebSocket(`ws://${hostOf(host)}/socket`, `tallyman.bearer.${bearer}`, {
      headers: { cookie, origin: host.origin },
    });
    await once(socket, 'open');
    clock += IDLE_LIMIT * 2;
    vi.advanceTimersByTime(60_000);
    expect(ended).toEqual([]);
    socket.close();
    await once(socket, 'close');
    await vi.waitFor(() => {
      clock += IDLE_LIMIT + 1;
      vi.advanceTimersByTime(60_000);
      expect(ended).toEqual(['idle']);
    });
    await expect(fetch(host.origin)).rejects.toThrow();
  });

  it('cuts a tab off that answers no heartbeat, and keeps one that does', async () => {
    const host = await start();
    const { bearer, cookie } = await signIn(host);
    const open = async (autoPong: boolean): Promise<WebSocket> => {
      const socket = new WebSocket(`ws://${hostOf(host)}/socket`, `tallyman.bearer.${bearer}`, {
        headers: { cookie, origin: host.origin },
        autoPong,
      });
      await once(socket, 'open');
      return socket;
    };
    const [alive, silent] = await Promise.all([open(true), open(false)]);
    const gone = once(silent, 'close');
    const pinged = once(alive, 'ping');
    vi.advanceTimersByTime(HEARTBEAT_INTERVAL);
    await pinged;
    // The pong is on its way; an answered call says that it has arrived.
    alive.send('{}');
    await once(alive, 'message');
    vi.advanceTimersByTime(HEARTBEAT_INTERVAL);
    await gone;
    expect(alive.readyState).toBe(WebSocket.OPEN);
    alive.terminate();
  });
});

describe('the port of the loopback host', () => {
  it('is free of choice unless it is named, and fails when the named one is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { readonly port: number };
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    blocker.close();
    await once(blocker, 'close');
    expect((await start({ port })).origin).toBe(`http://127.0.0.1:${port}`);
  });

  it('refuses requests beyond its rate until the next second', async () => {
    const host = await start();
    clock = Math.ceil(clock / 1000) * 1000;
    for (let request = 0; request < REQUEST_RATE_LIMIT; request++)
      expect((await fetch(host.origin)).status).toBe(200);
    expect((await fetch(host.origin)).status).toBe(429);
    clock += 1000;
    expect((await fetch(host.origin)).status).toBe(200);
  });

  it('answers nobody after it was closed, open connections included', async () => {
    const host = await start();
    const { bearer, cookie } = await signIn(host);
    const socket = new WebSocket(`ws://${hostOf(host)}/socket`, `tallyman.bearer.${bearer}`, {
      headers: { cookie, origin: host.origin },
    });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await host.close();
    await closed;
    await expect(fetch(host.origin)).rejects.toThrow();
  });
});

describe('what is dropped on the page', () => {
  const drop = (
    host: LoopbackHost,
    place: string,
    headers: Record<string, string>,
    body: string | Uint8Array<ArrayBuffer> = 'bytes',
  ): Promise<Response> =>
    fetch(`${host.origin}${place}`, {
      method: 'POST',
      headers: { origin: host.origin, 'content-type': 'application/octet-stream', ...headers },
      body,
    });

  it('comes in by pieces, with the cookie of this run and from this page only', async () => {
    const host = await start();
    const { cookie } = await signIn(host);
    expect((await drop(host, '/drop/token/7', { cookie })).status).toBe(204);
    expect((await drop(host, '/drop/token/8', { cookie })).status).toBe(409);
    expect(dropped).toEqual(['/drop/token/7 bytes', '/drop/token/8 bytes']);
    expect((await drop(host, '/drop/token/7', {})).status).toBe(401);
    expect((await drop(host, '/drop/token/7', { cookie, origin: 'http://evil.example' })).status).toBe(403);
    expect((await drop(host, '/drop/token/7', { cookie, 'content-type': 'text/plain' })).status).toBe(415);
    expect(dropped).toHaveLength(2);
  });

  it('is refused when a piece is too large or does not say how large it is', async () => {
    const host = await start();
    const { cookie } = await signIn(host);
    const large = new Uint8Array(DROP_PIECE_SIZE + 1);
    // The connection ends while the rest is sent: the page sees the status or that.
    const status = await drop(host, '/drop/token/7', { cookie }, large).then(
      (response) => response.status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(status);
    const lines = [
      'POST /drop/token/7 HTTP/1.1',
      `Host: ${hostOf(host)}`,
      `Origin: ${host.origin}`,
      `Cookie: ${cookie}`,
      'Content-Type: application/octet-stream',
      'Transfer-Encoding: chunked',
    ];
    expect((await sendRaw(host, `${lines.join('\r\n')}\r\n\r\n0\r\n\r\n`)).status).toBe(411);
    expect(dropped).toEqual([]);
  });
});
