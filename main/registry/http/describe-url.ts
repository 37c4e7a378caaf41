import { displayText } from '../../../shared/display/display-text.ts';

/** Longest URL in one of our sentences, in characters. */
const SHOWN_URL_LIMIT = 300;

/**
 * A URL as texts and logs may show it: without userinfo, query and fragment, which can hold passwords and signatures
 * (bar, section 5), and without characters that hide or control.
 */
export function describeUrl(url: URL): string {
  const text = `${url.protocol}//${url.host}${url.pathname}`;
  const shown = text.length > SHOWN_URL_LIMIT ? `${text.slice(0, SHOWN_URL_LIMIT)}…` : text;
  return displayText(shown);
}
