import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '../support/test.ts';

// W-b of the reliability bar: a page on another port of the same machine, with the window open beside it in the same browser, learns nothing.

let server: Server;
let site = '';
const canaries: string[] = [];

test.beforeEach(async () => {
  canaries.length = 0;
  server = createServer((request, response) => {
    canaries.push(`${request.headers.cookie ?? ''} ${request.headers.referer ?? ''} ${request.url ?? ''}`);
    response
      .writeHead(200, { 'Content-Type': 'text/html' })
      .end('<!doctype html><title>foreign</title><body></body>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.afterEach(() => {
  server.close();
  server.closeAllConnections();
});

test('neither fetch, form, socket, event stream, frame, script, image, worker nor window gets a byte', async ({
  app,
}) => {
  const target = app.origin!;
  const foreign = await app.page.context().newPage();
  await foreign.goto(site);
  const outcomes = await foreign.evaluate(async (origin) => {
    const settled = (work: Promise<unknown>): Promise<string> =>
      Promise.race([
        work.then(
          (value) => `read: ${String(value)}`,
          () => 'refused',
        ),
        new Promise<string>((resolve) => setTimeout(() => resolve('silent'), 3000)),
      ]);
    const loaded = (element: HTMLElement): Promise<string> =>
      settled(
        new Promise((resolve, reject) => {
          element.onload = resolve;
          element.onerror = reject;
          document.body.append(element);
        }),
      );
    const text = async (address: string, init: RequestInit): Promise<string> =>
      (await fetch(address, init)).text();
    const session = { method: 'POST', credentials: 'include' as const, body: '{"secret":"x"}' };
    const script = Object.assign(document.createElement('script'), { src: `${origin}/index.html` });
    const image = Object.assign(document.createElement('img'), { src: `${origin}/blob/save/x` });
    const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${origin}/` });
    const frame = Object.assign(document.createElement('iframe'), { src: `${origin}/` });
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const opened = window.open(`${origin}/`, 'theirs');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const openedReads = ((): string => {
      try {
        return opened === null || opened.closed ? 'closed' : `read: ${opened.document.title}`;
      } catch {
        return 'refused';
      }
    })();
    return {
      get: await settled(text(`${origin}/`, { credentials: 'include' })),
      json: await settled(
        text(`${origin}/session`, { ...session, headers: { 'content-type': 'application/json' } }),
      ),
      simple: await settled(
        text(`${origin}/session`, { ...session, headers: { 'content-type': 'text/plain' } }),
      ),
      noCors: await settled(
        fetch(`${origin}/session`, { ...session, mode: 'no-cors' }).then((response) =>
          response.type === 'opaque' ? Promise.reject(new Error('opaque')) : response.text(),
        ),
      ),
      socket: await settled(
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, 'tallyman.bearer.x');
          socket.onopen = () => resolve('open');
          socket.onerror = reject;
        }),
      ),
      events: await settled(
        new Promise((resolve, reject) => {
          const source = new EventSource(`${origin}/`, { withCredentials: true });
          source.onopen = () => resolve('open');
          source.onerror = reject;
        }),
      ),
      script: await loaded(script),
      image: await loaded(image),
      style: await loaded(style),
      worker: await settled(
        new Promise((resolve, reject) => {
          const worker = new Worker(`${origin}/`);
          worker.onmessage = resolve;
          worker.onerror = reject;
        }),
      ),
      frame: await settled(
        Promise.resolve().then(() =>
          frame.contentDocument === null
            ? Promise.reject(new Error('foreign'))
            : frame.contentDocument.title || Promise.reject(new Error('empty')),
        ),
      ),
      opened: openedReads,
    };
  }, target);
  for (const [way, outcome] of Object.entries(outcomes))
    expect(outcome, way).toMatch(/^(?:refused|silent|closed)$/);
  await foreign.close();

  // The window beside it did not notice, and is still signed in.
  await app.page.bringToFront();
  await expect(app.page.locator('#root > *').first()).toBeVisible();
  await app.page.reload();
  await expect(app.page.locator('#root > *').first()).toBeVisible();
});

test('the cookie that other ports see opens nothing alone', async ({ app }) => {
  const foreign = await app.page.context().newPage();
  await foreign.goto(site); // cookies of 127.0.0.1 go to every port
  await foreign.close();
  const stolen = canaries
    .map((line) => /tallyman_\d+_\w+=[\w-]+/.exec(line)?.[0])
    .find((cookie) => cookie !== undefined);
  test.skip(stolen === undefined, 'this browser keeps cookies of ports apart');
  const host = new URL(app.origin!);
  const answer = await fetch(`${app.origin!}/session`, {
    method: 'POST',
    headers: { cookie: stolen!, origin: app.origin!, 'content-type': 'application/json' },
    body: '{"secret":"x"}',
  });
  expect(answer.status).toBe(401);
  const { WebSocket } = await import('ws');
  for (const protocols of [[], ['tallyman.bearer.'], [`tallyman.bearer.${stolen!.split('=')[1]!}`]]) {
    const socket = new WebSocket(`ws://${host.host}/socket`, protocols, {
      headers: { cookie: stolen!, origin: app.origin! },
    });
    const outcome = await new Promise((resolve) => {
      socket.on('open', () => resolve('open'));
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => resolve('error'));
    });
    socket.terminate();
    expect(outcome).toBe(401);
  }
});
