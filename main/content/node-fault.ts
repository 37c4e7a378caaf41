import type { NodeState } from '../../shared/contract/graph-words.ts';
import { toErrorData, type ErrorCode, type ErrorData } from '../../shared/errors/tallyman-error.ts';

/** What a node becomes when its content could not be had. */
export interface NodeFault {
  readonly state: NodeState;
  readonly error: ErrorData;
}

const STATES: Partial<Record<ErrorCode, NodeState>> = {
  NOT_FOUND: 'missing',
  MISSING: 'missing',
  DIGEST_MISMATCH: 'damaged',
  SIZE_MISMATCH: 'damaged',
  MEDIA_TYPE_MISMATCH: 'refused',
  AMBIGUOUS: 'refused',
  MALFORMED: 'refused',
  LIMIT: 'limited',
};

/** The state of a node whose content could not be read, and the error that says why. */
export function nodeFault(error: unknown): NodeFault {
  const data = toErrorData(error);
  const state = STATES[data.code] ?? 'failed';
  return { state, error: state === 'missing' ? missing(data) : data };
}

/** A node that something names and the place lacks says so, whatever words the place has for it. */
function missing(data: ErrorData): ErrorData {
  return {
    code: 'MISSING',
    message: `Something names this content, but it is not here. ${data.message}`,
    hint: data.hint ?? 'It was not copied along, or deleted: look for it where the rest came from.',
    ...(data.details === undefined ? {} : { details: data.details }),
  };
}
