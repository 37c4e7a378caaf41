import { highlightSpecialChars } from '@codemirror/view';
import type { Extension } from '@codemirror/state';
import { HIDDEN_CHARACTERS, nameCodePoint } from '../../../../../shared/display/display-text.ts';

/**
 * Shows characters that hide, reorder or control as their names, as `displayText` does everywhere else (reliability bar, check 28):
 * a document is foreign text, too. Tabs keep their width; what is copied is the document as received.
 */
export const REVEAL_HIDDEN: Extension = highlightSpecialChars({
  specialChars: HIDDEN_CHARACTERS,
  render(code) {
    const name = document.createElement('span');
    name.className = 'tallyman-hidden';
    name.textContent = nameCodePoint(String.fromCodePoint(code));
    return name;
  },
});
