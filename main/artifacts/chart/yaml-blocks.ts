import { trimEndOf } from '../../../shared/display/trim-end-of.ts';

/** `>`: lines of one paragraph are joined by blanks; lines that are indented further stay as they are. */
export function foldBlock(lines: readonly string[]): string {
  let text = '';
  let breaks = 0;
  let wasIndented = false;
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      breaks += 1;
      continue;
    }
    const isIndented = /^[ \t]/.test(line);
    if (index === breaks) text += '\n'.repeat(breaks);
    else if (isIndented || wasIndented) text += '\n'.repeat(breaks + 1);
    else text += breaks === 0 ? ' ' : '\n'.repeat(breaks);
    text += line;
    breaks = 0;
    wasIndented = isIndented;
  }
  return text + '\n'.repeat(breaks);
}

/** The line breaks at the end of a block: one of them, none (`-`), or all (`+`). */
export function chompBlock(text: string, chomp: string): string {
  const body = trimEndOf(text, '\n');
  if (chomp === '-') return body;
  if (chomp === '+') return body === '' ? text : `${text}\n`;
  return body === '' ? '' : `${body}\n`;
}
