import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import {
  createSaveRoute,
  SAVE_PATH,
  SAVE_TICKET_LIFE_MS,
  SAVE_TICKET_LIMIT,
  type Savable,
} from './save-route.ts';

function savable(chunks: readonly string[], extra: Partial<Savable> = {}): Savable {
  const encoder = new TextEncoder();
  return {
    fileName: 'report.sarif',
    size: chunks.join('').length,
    read: () =>
      Readable.from(
        chunks.map((chunk) => encoder.encode(chunk)),
        { objectMode: true },
      ),
    ...extra,
  };
}

/** Gives the chunks and then fails. */
async function* failing(
  chunks: readonly Uint8Array[],
  error: Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
  await Promise.reject(error);
}

describe('save route', () => {
  it('streams the bytes once, as an attachment that no browser shows or runs', async () => {
    const route = createSaveRoute();
    const path = route.offer(savable(['<script>', 'alert(1)</script>']));
    expect(path).toMatch(/^\/blob\/save\/[A-Za-z0-9_-]{43}$/);
    const response = await route.answerSave(path);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="report.sarif"; filename*=UTF-8''report.sarif`,
      'content-length': '25',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'no-store',
    });
    expect(await response.text()).toBe('<script>alert(1)</script>');
    expect((await route.answerSave(path)).status).toBe(404);
  });

  it.each([
    [
      '../../etc/pass"wd\r\nX: 1',
      `attachment; filename="_.._etc_pass_wdX_ 1"; filename*=UTF-8''_.._etc_pass_wdX_%201`,
    ],
    [
      'übersicht (1).json',
      `attachment; filename="_bersicht (1).json"; filename*=UTF-8''%C3%BCbersicht%20%281%29.json`,
    ],
  ])('names the file %j safely in the header', async (fileName, expected) => {
    const route = createSaveRoute();
    const response = await route.answerSave(route.offer(savable(['x'], { fileName })));
    expect(response.headers.get('content-disposition')).toBe(expected);
    await response.body?.cancel();
  });

  it.each(['', '/', SAVE_PATH, `${SAVE_PATH}x`, `${SAVE_PATH}__proto__`, `${SAVE_PATH}../secret`, '/other'])(
    'knows nothing at %j',
    async (path) => {
      const route = createSaveRoute();
      route.offer(savable(['x']));
      const response = await route.answerSave(path);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    },
  );

  it('forgets an address after a minute', async () => {
    let time = 0;
    const route = createSaveRoute(() => time);
    const path = route.offer(savable(['x']));
    time = SAVE_TICKET_LIFE_MS;
    expect((await route.answerSave(path)).status).toBe(404);
  });

  it('keeps a bounded number of addresses: the oldest go', async () => {
    const route = createSaveRoute();
    const paths = Array.from({ length: SAVE_TICKET_LIMIT + 1 }, () => route.offer(savable(['x'])));
    expect((await route.answerSave(paths[0] ?? '')).status).toBe(404);
    const last = await route.answerSave(paths.at(-1) ?? '');
    expect(await last.text()).toBe('x');
  });

  it('answers why content could not be read when nothing of it was sent yet', async () => {
    const route = createSaveRoute();
    const missing = new TallymanError({
      code: 'MISSING',
      message: 'The blob is not there.',
      hint: 'Copy it again.',
    });
    const read = (): AsyncIterable<Uint8Array> => failing([], missing);
    const response = await route.answerSave(route.offer(savable([], { read })));
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('The blob is not there. Copy it again.\n');
  });

  it('breaks off, and does not end, when the bytes turn out wrong at their end', async () => {
    const route = createSaveRoute();
    const wrong = new TallymanError({ code: 'DIGEST_MISMATCH', message: 'wrong' });
    const read = (): AsyncIterable<Uint8Array> => failing([new Uint8Array([1, 2, 3])], wrong);
    const response = await route.answerSave(route.offer(savable([], { read, size: 3 })));
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow('wrong');
  });

  it('stops reading when the person cancels the download, and when the program ends', async () => {
    const route = createSaveRoute();
    const signals: AbortSignal[] = [];
    const endless = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
      signals.push(signal);
      for (;;) {
        yield new Uint8Array(1024);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const cancelled = await route.answerSave(route.offer(savable([], { read: endless })));
    await cancelled.body?.cancel();
    await route.answerSave(route.offer(savable([], { read: endless })));
    route.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
