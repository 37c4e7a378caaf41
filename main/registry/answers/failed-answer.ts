import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError, type ErrorCode } from '../../../shared/errors/tallyman-error.ts';
import type { Redactor } from '../auth/redactor.ts';
import { parseRetryAfter } from '../http/parse-retry-after.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { isWebPage, parseErrorBody } from './parse-error-body.ts';

/** What was asked for, for the text of the failure. */
export interface FailedQuestion {
  /** `The tags of localhost:5000/team/app`: the beginning of a sentence. */
  readonly wanted: string;
  /** The registry, as the person knows it. */
  readonly host: string;
}

/** The registry's own error code, when it gave one. */
export function registryCodeOf(answer: WholeAnswer): string | undefined {
  return parseErrorBody(answer.bytes)[0]?.code;
}

/**
 * Status, registry code and message of an error answer inside a sentence:
 * `404 MANIFEST_UNKNOWN (“manifest unknown”)`.
 */
export function describeFailedAnswer(answer: WholeAnswer, redactor: Redactor): string {
  const [entry] = parseErrorBody(answer.bytes);
  if (entry !== undefined) {
    const message = entry.message === undefined ? '' : ` (${quoteText(redactor.clean(entry.message))})`;
    return `${answer.status} ${entry.code}${message}`;
  }
  if (isWebPage(answer.bytes, answer.headers.first('content-type')))
    return `${answer.status} with a web page`;
  return String(answer.status);
}

/**
 * An answer that is no success, as an error with the code that fits, the registry's own words and the next step.
 * Log-in problems (401) are told by the authenticator, which knows whose credentials were used.
 */
export function failedAnswer(
  answer: WholeAnswer,
  question: FailedQuestion,
  redactor: Redactor,
): TallymanError {
  const registryCode = registryCodeOf(answer);
  const code = codeFor(answer.status, registryCode);
  const retryAfter = parseRetryAfter(answer.headers.first('retry-after'), Date.now());
  const seconds = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 1000);
  return new TallymanError({
    code,
    message: `${question.wanted}: ${question.host} answered ${describeFailedAnswer(answer, redactor)}.`,
    hint: hintFor(code, answer, question.host, seconds),
    details: {
      status: answer.status,
      ...(registryCode === undefined ? {} : { registryCode }),
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
      ...(isWebPage(answer.bytes, answer.headers.first('content-type')) ? { webPage: true } : {}),
    },
  });
}

function codeFor(status: number, registryCode: string | undefined): ErrorCode {
  if (status === 429 || registryCode === 'TOOMANYREQUESTS') return 'RATE_LIMITED';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'DENIED';
  if (status === 404) return 'NOT_FOUND';
  if (status === 405 || status === 501 || registryCode === 'UNSUPPORTED') return 'UNSUPPORTED';
  return status >= 400 ? 'REGISTRY_ERROR' : 'PROTOCOL';
}

function hintFor(
  code: ErrorCode,
  answer: WholeAnswer,
  host: string,
  retryAfterSeconds: number | undefined,
): string {
  if (
    answer.status === 400 &&
    /HTTPS? (server|port)|plain HTTP request/i.test(Buffer.from(answer.bytes).toString('latin1'))
  ) {
    return `${host} speaks TLS at this port: open it without plain HTTP.`;
  }
  switch (code) {
    case 'RATE_LIMITED':
      return retryAfterSeconds === undefined
        ? `${host} wants fewer requests. Wait a while, then try again; signing in often raises the limit.`
        : `${host} asks to wait ${retryAfterSeconds} seconds. Signing in often raises the limit.`;
    case 'DENIED':
      return `The account has no right to this, or its token has expired (which hides public content too). Sign in to ${host} again.`;
    case 'NOT_FOUND':
      return isWebPage(answer.bytes, answer.headers.first('content-type'))
        ? `A web page came instead of a registry’s answer: check that ${host} is a registry.`
        : 'Check the spelling. Registries also say this when an account may not see it.';
    case 'UNSUPPORTED':
      return `${host} does not offer this.`;
    case 'REGISTRY_ERROR':
      return answer.status >= 500
        ? 'The registry has trouble. Try again in a while; if it stays so, ask whoever runs it.'
        : 'The registry did not take the request. Ask whoever runs it.';
    default:
      return `Check that ${host} is a registry.`;
  }
}
