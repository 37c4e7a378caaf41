import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isJsonObject, type JsonObject } from '../../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { isWebPage } from './parse-error-body.ts';

/**
 * The JSON object in a good answer of the registry.
 *
 * @param wanted - what was asked for, as the beginning of a sentence.
 * @param host - the registry, for texts.
 * @throws TallymanError PROTOCOL for web pages, compressed bodies and anything else that is no JSON object.
 */
export function readJsonAnswer(answer: WholeAnswer, wanted: string, host: string): JsonObject {
  const refuse = (reason: string, hint: string, cause?: unknown): TallymanError =>
    new TallymanError(
      {
        code: 'PROTOCOL',
        message: `${wanted}: ${host} answered ${answer.status} with ${reason}.`,
        hint,
        details: { status: answer.status },
      },
      { cause },
    );
  const encoding = contentEncoding(answer);
  if (encoding !== undefined) {
    throw refuse(
      'a compressed body, although none was asked for',
      'A proxy in between compresses answers on its own. Ask whoever runs it to leave registry answers as they are.',
    );
  }
  if (isWebPage(answer.bytes, answer.headers.first('content-type'))) {
    throw refuse(
      'a web page instead of JSON',
      `Check that ${host} is a registry, and that no log-in page or proxy stands in front of it.`,
    );
  }
  let document: unknown;
  try {
    document = parseStrictJson(answer.bytes);
  } catch (error) {
    throw refuse('something that is no JSON', 'Report it to whoever runs the registry.', error);
  }
  if (!isJsonObject(document))
    throw refuse('JSON that is no object', 'Report it to whoever runs the registry.');
  return document;
}

/** The `Content-Encoding` of an answer; undefined when the body is as stored. */
export function contentEncoding(answer: Pick<WholeAnswer, 'headers'>): string | undefined {
  const encodings = answer.headers
    .all('content-encoding')
    .join(',')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  return encodings.length === 0 ? undefined : encodings.join(', ').slice(0, 60);
}
