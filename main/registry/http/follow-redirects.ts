import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { describeUrl } from './describe-url.ts';
import { REDIRECT_LIMIT } from './network-limits.ts';
import type { HttpAnswer, OutboundRequest, Sender } from './send-request.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows where the registry sends it (distribution-spec, API: any request may be redirected).
 * Credentials go along only within the registry's origin, and not again once another origin was in the chain
 * (CVE-2024-45336). A 401 at the end of a redirect is the caller's to refuse.
 *
 * A request that writes is repeated only when the redirect asks for exactly that (307, 308).
 * @throws TallymanError as `Sender.send`; PROTOCOL for a redirect that leads nowhere, LIMIT after too many.
 */
export async function sendFollowingRedirects(sender: Sender, request: OutboundRequest): Promise<HttpAnswer> {
  let current = request;
  for (let hops = 0; ; hops += 1) {
    const answer = await sender.send(current);
    if (!REDIRECTS.has(answer.status)) return { ...answer, asked: request.url };
    answer.discard();
    if (hops >= REDIRECT_LIMIT) {
      throw new TallymanError({
        code: 'LIMIT',
        message: `${request.method} ${describeUrl(request.url)} was redirected more than ${REDIRECT_LIMIT} times.`,
        hint: 'Report it to whoever runs the registry.',
        details: { limit: REDIRECT_LIMIT },
      });
    }
    current = nextRequest(current, answer);
  }
}

function nextRequest(request: OutboundRequest, answer: HttpAnswer): OutboundRequest {
  const url = redirectTarget(request, answer);
  const reading = request.method === 'GET' || request.method === 'HEAD';
  const exact = answer.status === 307 || answer.status === 308;
  if (!reading && !exact) {
    throw protocolError(request, answer, 'a request that writes cannot be sent on that way');
  }
  const { credentials, ...rest } = request;
  const stays = url.origin === request.url.origin;
  return {
    ...rest,
    url,
    from: request.url,
    purpose: 'blob-redirect',
    ...(stays && credentials !== undefined ? { credentials } : {}),
  };
}

function redirectTarget(request: OutboundRequest, answer: HttpAnswer): URL {
  const location = answer.headers.first('location');
  if (location === undefined || location === '') throw protocolError(request, answer, 'it says not where to');
  try {
    const url = new URL(location, request.url);
    url.hash = '';
    return url;
  } catch {
    throw protocolError(request, answer, 'what it names is no URL');
  }
}

function protocolError(request: OutboundRequest, answer: HttpAnswer, reason: string): TallymanError {
  return new TallymanError({
    code: 'PROTOCOL',
    message: `${request.method} ${describeUrl(request.url)} was redirected (${answer.status}), but ${reason}.`,
    hint: 'Report it to whoever runs the registry.',
    details: { status: answer.status },
  });
}
