import path from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { WebSocket } from 'ws';
import type { HostMessage } from '../../shared/contract/message.ts';
import { writeOneLayerLayout } from '../support/one-layer-layout.ts';
import { expect, test } from '../support/test.ts';
import type { App } from '../support/test.ts';

// W-d of the reliability bar (Theia, Jupyter): content that is HTML or SVG, saved through its one-time address, never runs beside the window.

const ATTACKS = {
  html: `<!doctype html><script>fetch('/session',{method:'POST'});new WebSocket('ws://'+location.host+'/socket');document.title='ran'</script>`,
  svg: `<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.setAttribute('data-ran','')</script></svg>`,
};

/** Asks one procedure as the tab itself would: with its bearer and its cookie. */
async function call(app: App, context: BrowserContext, name: string, input: unknown): Promise<unknown> {
  const bearer = await app.page.evaluate(() =>
    Object.values(sessionStorage as unknown as Record<string, string>).find((value) =>
      /^[\w-]{43}$/.test(value),
    ),
  );
  const [cookie] = await context.cookies();
  const socket = new WebSocket(
    `${app.origin!.replace('http', 'ws')}/socket`,
    `tallyman.bearer.${bearer ?? ''}`,
    { headers: { cookie: `${cookie!.name}=${cookie!.value}`, origin: app.origin! } },
  );
  try {
    return await new Promise((resolve, reject) => {
      socket.on('open', () => socket.send(JSON.stringify({ type: 'call', id: 1, name, input })));
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as HostMessage;
        if (message.type === 'result') resolve(message.value);
        if (message.type === 'error') reject(new Error(message.error.message));
      });
    });
  } finally {
    socket.terminate();
  }
}

for (const [form, content] of Object.entries(ATTACKS)) {
  test(`${form} from an artifact is handed over as a download and runs nowhere`, async ({
    app,
    temporaryFolder,
  }) => {
    const context = app.page.context();
    await expect.poll(async () => (await context.cookies()).length).toBe(1);
    const folder = path.join(temporaryFolder, 'layout');
    const layer = await writeOneLayerLayout(folder, content, form === 'html' ? 'text/html' : 'image/svg+xml');
    await call(app, context, 'sources.add', { kind: 'layout', location: folder });
    const address = async (): Promise<string> => {
      const { path: place } = (await call(app, context, 'content.saveAddress', {
        target: { source: `layout:${folder}` },
        digest: layer.digest,
        mediaType: form === 'html' ? 'text/html' : 'image/svg+xml',
        size: layer.size,
        manifest: false,
        fileName: `page.${form}`,
      })) as { readonly path: string };
      return app.origin! + place;
    };

    const answer = await context.request.get(await address());
    expect(answer.status()).toBe(200);
    expect(answer.headers()).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cache-control': 'no-store',
    });
    expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="page\.(?:html|svg)"/);
    expect(await answer.text()).toBe(content);

    // Opened like a page: a download, not a document.
    const other = await context.newPage();
    const requests: string[] = [];
    other.on('request', (request) => requests.push(request.url()));
    const download = other.waitForEvent('download');
    const visited = await address();
    await other.goto(visited).catch(() => undefined);
    expect((await download).suggestedFilename()).toBe(`page.${form}`);
    expect(requests.filter((url) => url !== visited)).toEqual([]);
    expect(await other.title()).not.toBe('ran');
    await other.close();

    // Inside the window, as a frame, an image, an object or a script: refused.
    app.watch.expectProblem(/^console: /);
    const shown = await app.page.evaluate(
      async (addresses) => {
        const frame = Object.assign(document.createElement('iframe'), { src: addresses[0] });
        const image = Object.assign(document.createElement('img'), { src: addresses[1] });
        document.body.append(frame, image);
        // Trusted types refuse these two before a request is made.
        const refused = [
          (): void => void (document.createElement('object').data = addresses[2]!),
          (): void => void (document.createElement('script').src = addresses[3]!),
        ].map((assign) => {
          try {
            assign();
            return false;
          } catch {
            return true;
          }
        });
        await new Promise((resolve) => setTimeout(resolve, 500));
        const ran = document.title === 'ran' || document.querySelector('[data-ran]') !== null;
        const size = image.naturalWidth;
        frame.remove();
        image.remove();
        return { ran, refused, size };
      },
      await Promise.all([address(), address(), address(), address()]),
    );
    expect(shown).toEqual({ ran: false, refused: [true, true], size: 0 });
  });
}

test('an address for saving works once, for this browser only', async ({ app, temporaryFolder }) => {
  const context = app.page.context();
  await expect.poll(async () => (await context.cookies()).length).toBe(1);
  const folder = path.join(temporaryFolder, 'layout');
  const layer = await writeOneLayerLayout(folder, ATTACKS.html, 'text/html');
  await call(app, context, 'sources.add', { kind: 'layout', location: folder });
  const { path: place } = (await call(app, context, 'content.saveAddress', {
    target: { source: `layout:${folder}` },
    digest: layer.digest,
    mediaType: 'text/html',
    size: layer.size,
    manifest: false,
    fileName: 'x',
  })) as { readonly path: string };
  expect((await fetch(app.origin! + place)).status).toBe(401);
  expect((await context.request.get(app.origin! + place)).status()).toBe(200);
  expect((await context.request.get(app.origin! + place)).status()).toBe(404);
});
