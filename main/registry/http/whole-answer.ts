import { readAll } from '../../content/verify-content.ts';
import type { AnswerHeaders } from './answer-headers.ts';
import { ERROR_BODY_LIMIT } from './network-limits.ts';
import type { HttpAnswer } from './send-request.ts';

/** An answer that has been read whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly url: URL;
  /** The URL that was asked at first; `url` is another one after redirects. */
  readonly asked: URL;
  readonly redirected: boolean;
  /** The body; of an error answer no more than `ERROR_BODY_LIMIT` bytes. */
  readonly bytes: Uint8Array;
}

/**
 * Reads an answer into memory, which grows with what came and never with what was announced.
 *
 * @param limit - most bytes of a good answer.
 * @param what - the name of the content in the error's text.
 * @throws TallymanError LIMIT above the limit, and what the network throws.
 */
export async function readWholeAnswer(answer: HttpAnswer, limit: number, what: string): Promise<WholeAnswer> {
  const { status, headers, url, asked, redirected } = answer;
  const failed = status >= 400;
  const bytes = failed
    ? await readBeginning(answer, ERROR_BODY_LIMIT)
    : await readAll(answer.body, limit, what);
  return { status, headers, url, asked, redirected, bytes };
}

async function readBeginning(answer: HttpAnswer, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk.subarray(0, limit - size));
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks);
}
