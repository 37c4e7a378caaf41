import { displayText } from '../../../shared/display/display-text.ts';
import { toErrorData, type ErrorCode } from '../../../shared/errors/tallyman-error.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { jsonAnswer, type Answer } from './answer.ts';

/** What a failed operation of the store is for a client. Everything else is a fault of this side. */
const MEANINGS: Partial<Record<ErrorCode, readonly [number, RefusalCode]>> = {
  DIGEST_MISMATCH: [400, 'DIGEST_INVALID'],
  SIZE_MISMATCH: [400, 'SIZE_INVALID'],
  INVALID_INPUT: [400, 'MANIFEST_INVALID'],
  INVALID_REFERENCE: [400, 'MANIFEST_INVALID'],
  MALFORMED: [400, 'MANIFEST_INVALID'],
  AMBIGUOUS: [400, 'MANIFEST_INVALID'],
  MEDIA_TYPE_MISMATCH: [400, 'MANIFEST_INVALID'],
  LIMIT: [413, 'SIZE_INVALID'],
  UNSUPPORTED: [400, 'UNSUPPORTED'],
};

/** Somebody else is in the way, or the server stops: the same request may work in a moment. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['CONFLICT', 'CANCELLED', 'TIMEOUT', 'RATE_LIMITED']);

/**
 * The answer to a request that failed (distribution-spec, Error Codes).
 * @param writing - whether the request sent content: what is wrong may then be that.
 */
export function failureAnswer(error: unknown, writing: boolean): Answer {
  const { status, code, message, headers } = error instanceof Refusal ? error : describe(error, writing);
  return jsonAnswer({ errors: [{ code, message: displayText(message) }] }, headers, status);
}

function describe(error: unknown, writing: boolean): Omit<Refusal, 'name'> {
  const { code, message, hint } = toErrorData(error);
  const text = hint === undefined ? message : `${message} ${hint}`;
  const [status, refusalCode] = (writing ? MEANINGS[code] : undefined) ?? [500, 'UNKNOWN'];
  return PASSING.has(code)
    ? new Refusal(503, 'UNKNOWN', text, { headers: { 'Retry-After': '2' }, cause: error })
    : new Refusal(status, refusalCode, text, { cause: error });
}
