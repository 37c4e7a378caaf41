import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';

/** Lines of one table; what comes after is counted only, `--json` prints all of it. */
export const TABLE_LIMIT = 1_000;

/** A line of a table about content. */
export interface ContentRow {
  /** A word in front, where the table has such a column. */
  readonly word?: string;
  /** Bytes; absent where they mean nothing. */
  readonly size?: number;
  /** A digest or a name; may come from outside. */
  readonly name: string;
  /** Below it: may come from outside. */
  readonly notes?: readonly string[];
}

/** Word, size and name of content in columns, each line ended; at most `TABLE_LIMIT` of them. */
export function contentTable(rows: readonly ContentRow[]): string {
  const shown = rows.slice(0, TABLE_LIMIT).map(({ word = '', size, name, notes = [] }) => ({
    word,
    size: size === undefined ? '' : formatSize(size),
    name: displayText(name),
    notes: notes.map(displayText),
  }));
  const words = Math.max(0, ...shown.map(({ word }) => word.length));
  const sizes = Math.max(0, ...shown.map(({ size }) => size.length));
  const indent = `  ${words === 0 ? '' : ' '.repeat(words + 2)}${' '.repeat(sizes + 2)}`;
  const lines = shown.flatMap(({ word, size, name, notes }) => [
    `  ${words === 0 ? '' : `${word.padEnd(words)}  `}${size.padStart(sizes)}  ${name}`,
    ...notes.map((note) => indent + note),
  ]);
  if (rows.length > TABLE_LIMIT) lines.push(`  … and ${rows.length - TABLE_LIMIT} more: --json prints all.`);
  return lines.map((line) => `${line}\n`).join('');
}

/** "1 blob, 5 B" or "12 blobs, 3.4 MB". */
export function countOf(number: number, what: string, bytes?: number): string {
  return `${number} ${what}${number === 1 ? '' : 's'}${bytes === undefined ? '' : `, ${formatSize(bytes)}`}`;
}
