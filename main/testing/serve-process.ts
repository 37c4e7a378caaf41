import { onTestFinished } from 'vitest';
import { sendRequest, type ReceivedAnswer, type SentRequest } from './send-request.ts';
import { startServe, type StartedServe } from './start-serve.ts';

/** `tallyman serve` as a process of a test. */
export interface ServeProcess extends StartedServe {
  send(path: string, sent?: SentRequest): Promise<ReceivedAnswer>;
}

/** The same as `startServe`; it is killed when the test ends. */
export async function serveProcess(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const server = await startServe(program, words, environment);
  onTestFinished(() => void server.end('SIGKILL'));
  return {
    ...server,
    send: (place, sent) => sendRequest(new URL(place, `http://${server.host}`).href, sent),
  };
}
