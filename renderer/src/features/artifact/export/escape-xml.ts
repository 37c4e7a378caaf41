import { displayText } from '../../../../../shared/display/display-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Foreign text as it may stand in XML, in an element or in an attribute: shown safely, nothing of it is markup. */
export function escapeXml(text: string): string {
  return displayText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
