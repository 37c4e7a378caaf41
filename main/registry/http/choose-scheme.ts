import type { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { ConnectResult, GuardedConnector } from './guarded-connector.ts';
import { networkFailure } from './network-failure.ts';
import { onAbort } from './on-abort.ts';
import { abortReason } from './pause.ts';

/** A host of which it is not known yet whether it speaks TLS. */
export interface SchemeQuestion {
  readonly connector: GuardedConnector;
  /** `host[:port]`. */
  readonly host: string;
  readonly signal: AbortSignal;
  /** Milliseconds for TCP and for TLS, each. */
  readonly handshakeLimit: number;
}

/**
 * Whether a loopback registry speaks TLS: it does when a handshake succeeds. When TCP connects and the other side
 * does not answer as a TLS server, it is plain HTTP. Nothing but the handshake is sent. Only for loopback hosts:
 * elsewhere plain HTTP is never a fallback.
 * @throws TallymanError TLS for a certificate that does not hold (that is TLS, and no reason to drop it), UNREACHABLE
 * when nothing listens.
 */
export async function chooseLoopbackScheme(question: SchemeQuestion): Promise<'https:' | 'http:'> {
  const { host, signal } = question;
  try {
    await shakeHands(question);
    return 'https:';
  } catch (error) {
    const failure = networkFailure(error, { method: 'Connecting to', url: host, host, signal });
    if (isAnsweredWithoutTls(failure)) return 'http:';
    throw failure;
  }
}

/** The codes of `networkFailure` that mean: somebody is there, and it is no TLS server. */
function isAnsweredWithoutTls(failure: TallymanError): boolean {
  const reason = failure.details?.['reason'];
  if (failure.code === 'TLS') return failure.details?.['certificate'] !== true;
  // Hung up on or never answered the handshake.
  return reason === 'ECONNRESET' || reason === 'EPIPE' || reason === 'TALLYMAN_HANDSHAKE_TIMEOUT';
}

function shakeHands({ connector, host, signal, handshakeLimit }: SchemeQuestion): Promise<void> {
  const { hostname, port } = new URL(`https://${host}`);
  return new Promise((resolve, reject) => {
    const socket = connector.open(
      { protocol: 'https:', hostname, port },
      (...[error]: ConnectResult) => {
        stopListening();
        socket.destroy();
        if (error === null) resolve();
        else reject(error);
      },
      handshakeLimit,
    );
    const stopListening = onAbort(signal, () => {
      socket.destroy();
      reject(abortReason(signal));
    });
  });
}
