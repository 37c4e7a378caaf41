import { TallymanError, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { displayText } from '../../../shared/display/display-text.ts';

/** What a request wanted, for the text of its failure. */
export interface Attempt {
  readonly method: string;
  /** As `describeUrl` writes it. */
  readonly url: string;
  /** Host as the person knows it. */
  readonly host: string;
  /** The host is this machine or an address typed by hand: plain HTTP is likely there. */
  readonly signal: AbortSignal;
}

/**
 * A failure of the network, of TLS or of HTTP itself as an error with its own code and next step. Certificates that
 * do not hold are told apart from servers that speak no TLS.
 */
export function networkFailure(error: unknown, attempt: Attempt): TallymanError {
  if (error instanceof TallymanError) return error;
  if (attempt.signal.aborted) {
    const reason: unknown = attempt.signal.reason;
    return reason instanceof TallymanError
      ? reason
      : new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
  }
  const cause = innermost(error);
  const code = codeOf(cause);
  return new TallymanError(describe(code, cause, attempt), { cause: error });
}

/** True when no connection came about: the server never saw the request. */
export function isConnectFailure(error: TallymanError): boolean {
  return error.details?.['phase'] === 'connect';
}

function describe(code: string, cause: Error, attempt: Attempt): ErrorData {
  const tried = `${attempt.method} ${attempt.url}`;
  const certificate = CERTIFICATE_FAULTS[code];
  if (certificate !== undefined) {
    return {
      code: 'TLS',
      message: `${tried}: the certificate of ${attempt.host} does not hold: ${certificate.reason}.`,
      hint: certificate.hint,
      details: { reason: code, certificate: true },
    };
  }
  if (isNoTls(code, cause)) {
    return {
      code: 'TLS',
      message: `${tried}: ${attempt.host} does not answer as a TLS server.`,
      hint: 'If it is a plain HTTP registry, open it with --plain-http (or tick “plain HTTP” when adding it).',
      details: { reason: code },
    };
  }
  const connecting = CONNECT_FAULTS[code];
  if (connecting !== undefined) {
    return {
      code: 'UNREACHABLE',
      message: `${tried}: ${connecting.reason(attempt.host)}.`,
      hint: connecting.hint,
      details: { reason: code, phase: 'connect' },
    };
  }
  switch (code) {
    case 'TALLYMAN_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return {
        code: 'TIMEOUT',
        message: `${tried}: no connection to ${attempt.host} in time.`,
        hint: 'Check that the host is right and that no firewall is in between, then try again.',
        details: { reason: code, phase: 'connect' },
      };
    case 'TALLYMAN_HANDSHAKE_TIMEOUT':
      return {
        code: 'TIMEOUT',
        message: `${tried}: ${attempt.host} connected, but did not finish the TLS handshake in time.`,
        hint: 'Try again; if it is a plain HTTP registry, open it with --plain-http.',
        details: { reason: code, phase: 'connect' },
      };
    case 'UND_ERR_HEADERS_TIMEOUT':
      return {
        code: 'TIMEOUT',
        message: `${tried}: connected, but no answer came in time.`,
        hint: TRY_AGAIN,
        details: { reason: code },
      };
    case 'UND_ERR_BODY_TIMEOUT':
      return {
        code: 'TIMEOUT',
        message: `${tried}: the answer stopped coming.`,
        hint: TRY_AGAIN,
        details: { reason: code },
      };
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return {
        code: 'LIMIT',
        message: `${tried}: the headers of the answer are larger than any registry needs.`,
        hint: 'Report it to whoever runs the registry or the proxy in front of it.',
        details: { reason: code },
      };
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
      return {
        code: 'UNREACHABLE',
        message: `${tried}: the connection broke.`,
        hint: TRY_AGAIN,
        details: { reason: code },
      };
    default:
      break;
  }
  if (cause.name === 'HTTPParserError' || code.startsWith('HPE_') || code === 'UND_ERR_INVALID_ARG') {
    return {
      code: 'PROTOCOL',
      message: `${tried}: the answer is no HTTP.`,
      hint: 'Check the port: something else than a registry seems to listen there. A TLS registry opened as plain HTTP looks like this too.',
      details: { reason: code },
    };
  }
  return {
    code: 'UNREACHABLE',
    message: `${tried}: ${displayText(cause.message)}.`,
    hint: TRY_AGAIN,
    details: { reason: code },
  };
}

const TRY_AGAIN = 'Try again; if it stays so, ask whoever runs the registry.';

interface Fault {
  readonly reason: string;
  readonly hint: string;
}

const TRUST_IT =
  'If you run this registry, give Tallyman the certificate of its authority (NODE_EXTRA_CA_CERTS=/path/to/ca.pem); otherwise do not go on.';
const SELF_SIGNED: Fault = { reason: 'it is self-signed', hint: TRUST_IT };
const UNKNOWN_AUTHORITY: Fault = {
  reason: 'it was issued by an authority that is not trusted here',
  hint: TRUST_IT,
};

const CERTIFICATE_FAULTS: Readonly<Record<string, Fault>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: {
    reason: 'it has expired',
    hint: 'Ask whoever runs the registry to renew it, and check the clock of this machine.',
  },
  CERT_NOT_YET_VALID: { reason: 'it is not valid yet', hint: 'Check the clock of this machine.' },
  CERT_REVOKED: { reason: 'it was revoked', hint: 'Do not go on; ask whoever runs the registry.' },
  CERT_SIGNATURE_FAILURE: {
    reason: 'its signature is wrong',
    hint: 'Do not go on; ask whoever runs the registry.',
  },
  INVALID_PURPOSE: {
    reason: 'it was not made for servers',
    hint: 'Ask whoever runs the registry for a server certificate.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'it was made for another host name',
    hint: 'Check the host name you opened; if it is right, ask whoever runs the registry for a certificate that names it.',
  },
};

/**
 * OpenSSL's ways to say that the other side speaks something else, and the ways a server hangs up on a TLS greeting.
 */
function isNoTls(code: string, cause: Error): boolean {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return true;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return true;
  return code === 'ECONNRESET' && cause.message.includes('before secure TLS connection was established');
}

const CONNECT_FAULTS: Readonly<Record<string, { reason(host: string): string; hint: string }>> = {
  ECONNREFUSED: {
    reason: (host) => `nothing listens at ${host}`,
    hint: 'Check the port, and that the registry runs.',
  },
  ENOTFOUND: {
    reason: (host) => `no host is known by the name in ${host}`,
    hint: 'Check the spelling, and the network or VPN the registry needs.',
  },
  EAI_AGAIN: {
    reason: (host) => `the name in ${host} could not be looked up now`,
    hint: 'Check that this machine is online, then try again.',
  },
  EHOSTUNREACH: {
    reason: (host) => `no way leads to ${host}`,
    hint: 'Check the network or VPN the registry needs.',
  },
  ENETUNREACH: { reason: (host) => `no way leads to ${host}`, hint: 'Check that this machine is online.' },
  EADDRNOTAVAIL: {
    reason: (host) => `${host} is no address a connection can go to`,
    hint: 'Check the address.',
  },
};

/** Connecting tries several addresses and gathers their errors; undici wraps what a socket threw. */
function innermost(error: unknown): Error {
  let current = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AggregateError && current.errors[0] instanceof Error) current = current.errors[0];
    else if (current instanceof Error && codeOf(current) === '' && current.cause instanceof Error)
      current = current.cause;
    else break;
  }
  return current instanceof Error ? current : new Error(String(current));
}

function codeOf(error: Error): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}
