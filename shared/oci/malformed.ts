import type { ErrorData } from '../errors/tallyman-error.ts';
import { displayText } from '../display/display-text.ts';

/** A field of a document that is not what the specification says, as data: `where` is its path, `fault` ends the sentence. */
export function malformed(where: string, fault: string): ErrorData {
  return {
    code: 'MALFORMED',
    message: `${displayText(where)} ${fault}.`,
    hint: 'Whoever made this document has to make it again; its bytes are shown as they are under Raw.',
    details: { field: displayText(where) },
  };
}
