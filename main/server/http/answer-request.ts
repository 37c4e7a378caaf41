import { Refusal } from '../refusal.ts';
import type { RepositoryWriter } from '../served-registry.ts';
import type { Answer } from './answer.ts';
import { answerBlob, deleteBlob } from './answer-blob.ts';
import { answerCatalog, answerReferrers, answerTags } from './answer-lists.ts';
import { answerManifest, deleteManifest, receiveManifest } from './answer-manifest.ts';
import { answerUpload, beginUpload } from './answer-upload.ts';
import { jsonAnswer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { parseRoute, type RepositoryRoute, type Route } from './parse-route.ts';

/**
 * Does what a request asks for.
 * @throws Refusal for what is not done, and the errors of the store.
 */
export async function answerRequest(exchange: Exchange): Promise<Answer> {
  const route = parseRoute(exchange.path);
  if (route === undefined)
    throw new Refusal(404, 'UNSUPPORTED', 'That is no address of the OCI distribution API.');
  checkMethod(exchange, route);
  switch (route.kind) {
    case 'ping':
      return jsonAnswer({});
    case 'catalog':
      return answerCatalog(exchange);
    case 'tags':
      return answerTags(exchange, route.name);
    case 'referrers':
      return answerReferrers(exchange, route);
    case 'manifest':
      switch (exchange.method) {
        case 'PUT':
          return receiveManifest(exchange, route, writerOf(exchange, route));
        case 'DELETE':
          return deleteManifest(exchange, route, writerOf(exchange, route));
        default:
          return answerManifest(exchange, route);
      }
    case 'blob':
      return exchange.method === 'DELETE'
        ? deleteBlob(exchange, route.digest, writerOf(exchange, route))
        : answerBlob(exchange, route);
    case 'uploads':
      return beginUpload(exchange, route.name, writerOf(exchange, route));
    case 'upload':
      return answerUpload(exchange, route, writerOf(exchange, route));
  }
}

const METHODS: Readonly<Record<Route['kind'], readonly string[]>> = {
  ping: ['GET'],
  catalog: ['GET'],
  tags: ['GET'],
  referrers: ['GET'],
  manifest: ['GET', 'PUT', 'DELETE'],
  blob: ['GET', 'DELETE'],
  uploads: ['POST'],
  upload: ['GET', 'PATCH', 'PUT', 'DELETE'],
};

function checkMethod({ method }: Exchange, { kind }: Route): void {
  const allowed = METHODS[kind];
  if (allowed.includes(method)) return;
  throw new Refusal(405, 'UNSUPPORTED', `Nothing is done by ${method} here.`, {
    headers: { Allow: allowed.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])).join(', ') },
  });
}

function writerOf({ registry }: Exchange, { name }: RepositoryRoute): RepositoryWriter {
  const { writer } = registry.repository(name);
  if (writer === undefined) throw new Refusal(405, 'UNSUPPORTED', 'This registry is read-only.');
  return writer;
}
