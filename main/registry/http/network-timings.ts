/**
 * How long the parts of a request may take and how patiently it is repeated (reliability bar, section 4). All in
 * milliseconds.
 */
export interface NetworkTimings {
  /** From the start of a connection to TCP, and again from there to the end of the TLS handshake. */
  readonly connect: number;
  /** TLS handshake with a loopback host of which it is not known whether it speaks TLS at all. */
  readonly loopbackHandshake: number;
  /** From the sent request to the status line. */
  readonly headers: number;
  /** From the last byte of an upload or manifest to the status line: the registry may have gigabytes to check. */
  readonly uploadFinish: number;
  /** Between two pieces of a body, in either direction. */
  readonly bodyIdle: number;
  /** Waiting for a body after which its speed is judged (`guardSpeed`). */
  readonly slowWindow: number;
  /** A small question from its start to its last byte; waiting for a free connection does not count. */
  readonly metadataTotal: number;
  /** Times a request is sent in all. */
  readonly attempts: number;
  /**
   * First delay before a repetition; doubles each time. The real delay is random between 0 and that (full jitter).
   */
  readonly retryBase: number;
  /** Longest such delay. */
  readonly retryCap: number;
  /** Waiting in all for one small question, `Retry-After` included; a longer one is told to the person instead. */
  readonly retryBudget: number;
}

export const DEFAULT_TIMINGS: NetworkTimings = {
  connect: 10_000,
  loopbackHandshake: 3_000,
  headers: 30_000,
  uploadFinish: 300_000,
  bodyIdle: 30_000,
  slowWindow: 60_000,
  metadataTotal: 30_000,
  attempts: 6,
  retryBase: 250,
  retryCap: 20_000,
  retryBudget: 60_000,
};
