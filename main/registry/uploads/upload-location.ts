import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { URL_LENGTH_LIMIT } from '../http/network-limits.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';

/**
 * Where an upload goes on: the `Location` of an answer, relative to what was asked or absolute, its query as it came
 * (distribution-spec, Pushing blobs; quirks R5, R6). Undefined where there is none. Whether it may be asked is decided by the
 * outbound gate, which takes the registry's own origin only.
 * @throws TallymanError PROTOCOL for something that is no URL, LIMIT for one that is too long.
 */
export function uploadLocation(answer: Pick<WholeAnswer, 'headers' | 'url'>, host: string): URL | undefined {
  const text = answer.headers.first('location');
  if (text === undefined || text === '') return undefined;
  if (text.length > URL_LENGTH_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `${host} named an upload by ${text.length} characters; at most ${URL_LENGTH_LIMIT} are taken.`,
      hint: 'Report it to whoever runs the registry.',
      details: { limit: URL_LENGTH_LIMIT },
    });
  }
  try {
    const url = new URL(text, answer.url);
    url.hash = '';
    return url;
  } catch (error) {
    throw new TallymanError(
      {
        code: 'PROTOCOL',
        message: `${host} named an upload by something that is no URL.`,
        hint: 'Report it to whoever runs the registry.',
      },
      { cause: error },
    );
  }
}

/**
 * The URL that closes an upload: its location with `digest` in the query. Everything else in the query stays as it is, byte
 * for byte, since it may be signed.
 */
export function closingUrl(location: URL, digest: Digest): URL {
  const kept = location.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && part !== 'digest' && !part.startsWith('digest='));
  const url = new URL(location);
  url.search = `?${[...kept, `digest=${digest}`].join('&')}`;
  return url;
}
