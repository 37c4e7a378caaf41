import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readAnswerHeaders, type AnswerHeaders } from './answer-headers.ts';
import { authorizeOutbound, type OutboundPurpose } from './authorize-outbound.ts';
import { createConnectionPools } from './connection-pools.ts';
import { describeUrl } from './describe-url.ts';
import { exchange, type ArrivingAnswer } from './exchange.ts';
import type { GuardedConnector } from './guarded-connector.ts';
import { networkFailure, type Attempt } from './network-failure.ts';
import { HEADER_COUNT_LIMIT } from './network-limits.ts';
import type { NetworkTimings } from './network-timings.ts';
import { openBody, type StreamedBody } from './outgoing-body.ts';
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
      const attempt: Attempt = {
        method,
        get url() {
          return describeUrl(url);
        },
        host: url.host,
        signal,
      };
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
      let arriving: ArrivingAnswer;
      try {
        arriving = await exchange(pool, {
          request: {
            method,
            path: `${url.pathname}${url.search}`,
            headers: { ...headers, ...outgoing.headers },
            body: outgoing.body,
            headersTimeout: request.patient === true ? timings.uploadFinish : timings.headers,
            bodyTimeout: timings.bodyIdle,
            // undici would end the connection after every HEAD.
            ...(method === 'HEAD' ? { reset: false } : {}),
          },
          signal: outgoing.signal,
          buffer: BODY_BUFFER,
          explain: (error) => networkFailure(error, attempt),
          onEnd: release,
        });
      } catch (error) {
        release();
        throw networkFailure(error, { ...attempt, signal: outgoing.signal });
      } finally {
        outgoing.dispose();
      }
      const { status, body } = arriving;
      const answerHeaders = readAnswerHeaders(arriving.headers);
      const discard = (): void => body.discard(DISCARDED_BYTES);
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
        status,
        headers: answerHeaders,
        url,
        asked: url,
        redirected: request.from !== undefined,
        body,
        discard,
      };
    },
    close: () => pools.close(),
  };
}
