import type { Dispatcher } from 'undici';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readAnswerHeaders, type AnswerHeaders } from './answer-headers.ts';
import { authorizeOutbound, type OutboundPurpose } from './authorize-outbound.ts';
import { createConnectionPools } from './connection-pools.ts';
import { describeUrl } from './describe-url.ts';
import type { GuardedConnector } from './guarded-connector.ts';
import { networkFailure, type Attempt } from './network-failure.ts';
import { HEADER_COUNT_LIMIT } from './network-limits.ts';
import type { NetworkTimings } from './network-timings.ts';
import { onAbort } from './on-abort.ts';
import { openBody, type StreamedBody } from './outgoing-body.ts';
import { abortReason } from './pause.ts';
import type { RegistryIdentity } from './registry-identity.ts';

/** One HTTP exchange that somebody wants. */
export interface OutboundRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly purpose: OutboundPurpose;
  /** The URL that redirected to this one. */
  readonly from?: URL;
  /** Lower-case names. Never `authorization`: that is `credentials`. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Value of `Authorization`, sent only where the gate lets it: to the registry's own origin, or to its own token
   * server.
   */
  readonly credentials?: string;
  readonly body?: Uint8Array | StreamedBody;
  /** The body holds a secret: the request is refused where `credentials` would not be sent. */
  readonly carriesSecret?: boolean;
  /** The answer may take as long as the end of an upload (`uploadFinish`). */
  readonly patient?: boolean;
  readonly signal: AbortSignal;
}

/** An answer whose body has not been read yet. Whoever holds it reads the body to its end, or discards it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Where the answer came from: the last URL when redirects were followed. */
  readonly url: URL;
  /** The URL that was asked at first. */
  readonly asked: URL;
  /** True when a redirect was followed on the way here. */
  readonly redirected: boolean;
  /** Raw bytes as sent, in pieces; nothing is decompressed. Throws TallymanError when they stop coming. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the body: a short rest is read so that the connection can be used again, a long one ends it. */
  discard(): void;
}

/** Sends single requests; redirects, repetitions and log-ins are the business of its callers. */
export interface Sender {
  /** @throws TallymanError OUTBOUND_REFUSED, UNREACHABLE, TLS, TIMEOUT, PROTOCOL, LIMIT or CANCELLED. */
  send(request: OutboundRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** What all requests of one registry have in common. */
export interface SenderOptions {
  readonly registry: RegistryIdentity;
  readonly connector: GuardedConnector;
  readonly timings: Pick<NetworkTimings, 'headers' | 'uploadFinish' | 'bodyIdle'>;
  /** `tallyman/VERSION`. */
  readonly userAgent: string;
}

/** Bytes of an unwanted body that are read to keep the connection. */
const DISCARDED_BYTES = 16 * 1024;

/** Bytes of a body that wait for their reader before the socket is paused. */
const BODY_BUFFER = 256 * 1024;

/** Makes the sender of one registry: the only place from which requests leave. */
export function createSender({ registry, connector, timings, userAgent }: SenderOptions): Sender {
  const pools = createConnectionPools(connector);
  return {
    async send(request) {
      const { url, method, signal } = request;
      const attempt: Attempt = { method, url: describeUrl(url), host: url.host, signal };
      const authorized = authorizeOutbound(url, request.purpose, registry, request.from);
      if (signal.aborted) throw networkFailure(signal.reason, attempt);
      const mayKnowUs = authorized.takesRegistryCredentials || authorized.takesTokenCredentials;
      if (request.carriesSecret === true && !mayKnowUs) {
        throw new TallymanError({
          code: 'OUTBOUND_REFUSED',
          message: `A secret for ${registry.host} was not sent to ${attempt.url}.`,
          hint: 'Report this as a fault of Tallyman.',
        });
      }
      const headers: Record<string, string> = {
        ...request.headers,
        'user-agent': userAgent,
        // Digests are over the bytes as stored, and Range counts them: nothing may be compressed on the way (bar,
        // D2).
        'accept-encoding': 'identity',
        ...(request.credentials !== undefined && mayKnowUs ? { authorization: request.credentials } : {}),
      };
      const outgoing = openBody(request.body, timings.bodyIdle, signal, attempt);
      const { pool, release } = pools.hold(url.origin);
      let raw: Dispatcher.ResponseData;
      try {
        raw = await untilAborted(
          outgoing.signal,
          pool.request({
            method,
            path: `${url.pathname}${url.search}`,
            headers: { ...headers, ...outgoing.headers },
            body: outgoing.body,
            signal: outgoing.signal,
            headersTimeout: request.patient === true ? timings.uploadFinish : timings.headers,
            bodyTimeout: timings.bodyIdle,
            highWaterMark: BODY_BUFFER,
            // undici would end the connection after every HEAD.
            ...(method === 'HEAD' ? { reset: false } : {}),
          }),
        );
      } catch (error) {
        release();
        throw networkFailure(error, { ...attempt, signal: outgoing.signal });
      } finally {
        outgoing.dispose();
      }
      const { body } = raw;
      body.once('close', release);
      const answerHeaders = readAnswerHeaders(raw.headers);
      const discard = (): void => void body.dump({ limit: DISCARDED_BYTES }).catch(() => undefined);
      if (answerHeaders.count > HEADER_COUNT_LIMIT) {
        discard();
        throw new TallymanError({
          code: 'LIMIT',
          message: `${method} ${attempt.url}: the answer has ${answerHeaders.count} header lines; at most ${HEADER_COUNT_LIMIT} are taken.`,
          hint: 'Report it to whoever runs the registry or the proxy in front of it.',
          details: { limit: HEADER_COUNT_LIMIT },
        });
      }
      return {
        status: raw.statusCode,
        headers: answerHeaders,
        url,
        asked: url,
        redirected: request.from !== undefined,
        body: readBody(body, attempt),
        discard,
      };
    },
    close: () => pools.close(),
  };
}

async function* readBody(
  body: AsyncIterable<Uint8Array>,
  attempt: Attempt,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // Leaving the loop early ends the stream, and with it the connection.
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw networkFailure(error, attempt);
  }
}

/**
 * undici notices an abort only once the request has a connection; the caller must not wait for that. Should the
 * answer come after all, its body is closed by undici, which was given the same signal.
 */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(abortReason(signal)));
    work.then(resolve, reject).finally(stopListening);
  });
}
