import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';

export interface SentRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A text or bytes go with their length, anything else in chunks without one. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly agent?: Agent;
}

export interface ReceivedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every value of a header, in order. */
  all(name: string): readonly string[];
  readonly body: Buffer;
  /** The body as JSON. */
  json(): unknown;
}

/** One request exactly as it is written here: no header is added but `Host` and the length of the body, no redirect is followed. */
export async function sendRequest(address: string, sent: SentRequest = {}): Promise<ReceivedAnswer> {
  const { method = 'GET', headers = {}, body, agent } = sent;
  const whole = typeof body === 'string' ? Buffer.from(body) : body;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(address, {
      method,
      ...(agent === undefined ? {} : { agent }),
      headers: {
        ...(whole instanceof Uint8Array ? { 'content-length': whole.byteLength } : {}),
        ...Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : [...value],
          ]),
        ),
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const received = Buffer.concat(chunks);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          all: (name) =>
            incoming.rawHeaders.filter(
              (_, index) =>
                index % 2 === 1 && incoming.rawHeaders[index - 1]?.toLowerCase() === name.toLowerCase(),
            ),
          body: received,
          json: () => JSON.parse(received.toString()) as unknown,
        });
      });
    });
    if (whole === undefined || whole instanceof Uint8Array) {
      outgoing.end(whole);
      return;
    }
    void (async () => {
      try {
        for await (const chunk of whole) {
          if (!outgoing.write(chunk)) await new Promise((drained) => outgoing.once('drain', drained));
        }
        outgoing.end();
      } catch (error) {
        outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    })();
  });
}
