import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { answerAsset } from '../page/answer-asset.ts';
import type { AssetMap } from '../page/asset-map.ts';
import { DROP_PATH, type DropSpool } from '../files/drop-spool.ts';
import { SAVE_PATH } from '../save-route.ts';
import { BODY_LIMIT } from './limits.ts';
import type { Session } from './session.ts';

const exchangeSchema = z.object({ secret: z.string().max(256) });

const REFUSED: ErrorData = {
  code: 'UNAUTHORIZED',
  message: 'The secret of this address was used already, or is too old.',
  hint: 'Open the address that Tallyman printed last; Enter in its terminal prints a new one.',
};

/** What the routes answer with. */
export interface RouteOptions {
  readonly assets: AssetMap;
  readonly session: Session;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers a one-time address of `content.saveAddress`. */
  readonly answerSave: (path: string) => Promise<Response>;
  /** Takes a piece of what was dropped, at an address that `files.drop` gave. */
  readonly receiveDrop: DropSpool['receive'];
}

/**
 * The routes behind the gate: the exchange of the launch secret, content to be saved, files that were dropped, and the window's files. None of them
 * takes a path or an address to open (reliability bar, W9).
 */
export function createRoutes({
  assets,
  session,
  headers,
  answerSave,
  receiveDrop,
}: RouteOptions): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();
  const api = { ...headers, 'Cache-Control': 'no-store' };

  routes.post(
    '/session',
    bodyLimit({ maxSize: BODY_LIMIT, onError: (context) => context.body(null, 413, api) }),
    async (context) => {
      const type = context.req.header('content-type') ?? '';
      if (!/^application\/json(?:; ?charset=utf-8)?$/i.test(type)) return context.body(null, 415, api);
      const body = exchangeSchema.safeParse(await context.req.json().catch(() => undefined));
      if (!body.success) return context.body(null, 400, api);
      const opened = session.exchange(body.data.secret);
      if (opened === undefined) return context.json({ error: REFUSED }, 401, api);
      return context.json({ bearer: opened.bearer }, 200, { ...api, 'Set-Cookie': opened.cookie });
    },
  );

  // A link to be saved carries no bearer: its address, given out over the socket, is the secret of one answer.
  routes.get(`${SAVE_PATH}:ticket`, (context) =>
    session.hasCookie(context.req.header('cookie'))
      ? answerSave(context.req.path)
      : context.body(null, 401, api),
  );

  // As with what is saved: the address, given out over the socket, is the secret.
  routes.post(`${DROP_PATH}:drop/:offset`, async (context) => {
    const refuse = (status: 401 | 404 | 409 | 411 | 413 | 415 | 500 | 507): Response =>
      // What is not read of the body must not be taken for the next request.
      context.body(null, status, { ...api, Connection: 'close' });
    if (!session.hasCookie(context.req.header('cookie'))) return refuse(401);
    if (context.req.header('content-type') !== 'application/octet-stream') return refuse(415);
    const length = context.req.header('content-length');
    if (length === undefined) return refuse(411);
    if (Number(length) > DROP_PIECE_SIZE) return refuse(413);
    const status = await receiveDrop(context.req.path, context.env.incoming).catch(() => 500 as const);
    return status === 204 ? context.body(null, 204, api) : refuse(status);
  });

  // The path as it came: hono decodes its own.
  routes.get('*', (context) =>
    answerAsset(assets, context.env.incoming.url?.split('?', 1)[0] ?? '', headers),
  );

  routes.notFound((context) => context.body(null, 404, api));
  routes.onError((_, context) => context.body(null, 500, api));
  return routes;
}
