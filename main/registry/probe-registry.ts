import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { failedAnswer } from './answers/failed-answer.ts';
import { isWebPage } from './answers/parse-error-body.ts';
import type { RegistryIdentity } from './http/registry-identity.ts';
import type { Sender } from './http/send-request.ts';
import type { WholeAnswer } from './http/whole-answer.ts';
import type { RegistryClient } from './registry-client.ts';

/** Asked to see whether a registry is there, and for its challenge (distribution-spec, Determining Support). */
const PING = '/v2/';

/** Bytes of the answer that are read; registries send two. */
const PING_BODY_LIMIT = 64 * 1024;

/**
 * Asks whether a registry answers and whether this account gets in. A right that is missing (403) does not matter
 * here: what may be read is up to each repository.
 * @throws TallymanError UNREACHABLE, TLS, UNAUTHORIZED, PROTOCOL for something that is no registry, …
 */
export async function probeRegistry(client: RegistryClient, signal: AbortSignal): Promise<void> {
  const wanted = `GET ${PING}`;
  let answer: WholeAnswer;
  try {
    answer = await client.ask(
      { method: 'GET', at: PING, need: { scopes: [] }, signal },
      PING_BODY_LIMIT,
      wanted,
    );
  } catch (error) {
    if (isRefusedVisitor(error)) return;
    throw error;
  }
  const page = isWebPage(answer.bytes, answer.headers.first('content-type'));
  if ((answer.status === 200 && !page) || answer.status === 403) return;
  if (answer.status === 404 || page) {
    throw new TallymanError({
      code: 'PROTOCOL',
      message: `${client.host} answers, but not as a registry: ${wanted} brought ${answer.status}${page ? ' with a web page' : ''}.`,
      hint: 'Check host and port. The registry may have another name than its web page.',
      details: { status: answer.status },
    });
  }
  throw failedAnswer(answer, { wanted, host: client.host }, client.redactor);
}

/**
 * With tokens, a visitor without an account may read some repositories although the registry itself shows him
 * nothing.
 */
function isRefusedVisitor(error: unknown): boolean {
  if (!(error instanceof TallymanError) || (error.code !== 'UNAUTHORIZED' && error.code !== 'DENIED'))
    return false;
  return error.details?.['scheme'] === 'bearer' && error.details['signedIn'] === false;
}

/** The `WWW-Authenticate` lines of an anonymous `GET /v2/`. */
export async function pingLines(
  sender: Sender,
  registry: RegistryIdentity,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answer = await sender.send({
    method: 'GET',
    url: new URL(PING, registry.origin),
    purpose: 'registry',
    headers: {},
    signal,
  });
  answer.discard();
  return answer.status === 401 ? answer.headers.all('www-authenticate') : [];
}
