/** Every way in which work can fail, as a closed set; texts may change, codes do not. */
export const ERROR_CODES = [
  'INVALID_INPUT', // an argument breaks the contract's schema
  'INVALID_REFERENCE', // not a reference, digest, tag or path
  'NOT_FOUND', // the place answered: no such repository, tag, manifest or blob
  'UNAUTHORIZED', // credentials are missing or wrong
  'DENIED', // credentials are fine, the right is missing
  'UNREACHABLE', // no connection: name, route, port, reset
  'TLS', // the certificate does not hold
  'TIMEOUT',
  'RATE_LIMITED',
  'UNSUPPORTED', // the place cannot do this at all
  'PROTOCOL', // an answer that is no registry answer (HTML, wrong type, missing header)
  'REGISTRY_ERROR', // 5xx and other answers with no better name
  'OUTBOUND_REFUSED', // a URL named by a registry that is not followed (reliability bar, A1–A9)
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'MEDIA_TYPE_MISMATCH',
  'AMBIGUOUS', // one document, two readings (CVE-2021-41190, duplicate JSON keys)
  'MALFORMED', // not the document it should be
  'LIMIT', // a named limit was reached
  'MISSING', // something names this content, the place does not hold it
  'NOT_A_LAYOUT', // the path holds no OCI image layout
  'LAYOUT_VERSION', // a layout newer than this program
  'UNREADABLE', // the file system refused
  'CONFLICT', // somebody else changed it meanwhile
  'CANCELLED',
  'INTERNAL', // a fault of Tallyman
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts beside the text, for the inspector and for logs: never secrets, never query strings of signed URLs. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** An error as it crosses a process boundary. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** What was tried and what came back, one or two sentences. */
  readonly message: string;
  /** The next step for the person who reads it. */
  readonly hint?: string;
  readonly details?: ErrorDetails;
}

/**
 * The one error class of Tallyman: a code of the closed set, what was tried, and the next step.
 * `toData` is its form across IPC and WebSocket, where class and stack are lost.
 */
export class TallymanError extends Error {
  override readonly name = 'TallymanError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: ErrorDetails | undefined;

  constructor(data: ErrorData, options?: { readonly cause?: unknown }) {
    super(data.message, options);
    this.code = data.code;
    this.hint = data.hint;
    this.details = data.details;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** True for an error whose cause is an AbortSignal, however the platform spelled it. */
export function isCancellation(error: unknown): boolean {
  if (error instanceof TallymanError) return error.code === 'CANCELLED';
  return error instanceof Error && error.name === 'AbortError';
}

/** Any thrown value as data that may cross to the renderer. Unknown errors become INTERNAL with their message. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof TallymanError) return error.toData();
  if (isCancellation(error)) return { code: 'CANCELLED', message: 'Cancelled.' };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    message,
    hint: 'This is a fault of Tallyman: please report it with the steps that led here.',
  };
}
