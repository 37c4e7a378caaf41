/** Bytes of a body that come as they are read. */
export interface StreamedBody {
  /** Exactly so many; an answer with fewer is broken off. */
  readonly size: number;
  readonly read: () => AsyncIterable<Uint8Array>;
  /** Whoever sends a chunk is its last user: its memory is given back then. */
  readonly areChunksOwn?: boolean;
}

/** What is answered. A HEAD gets the same without the body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | StreamedBody;
}

/** A document as the body of an answer. */
export function jsonAnswer(
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(document)),
  };
}
