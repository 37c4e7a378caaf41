import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import type { Log } from '../log.ts';

/** Bytes after which a log file becomes the old one. */
const LOG_FILE_LIMIT = 5 * 1024 * 1024;
/** Old log files that are kept beside the current one. */
const OLD_LOG_FILES = 4;

/** What must never be written down, whoever hands it over, beside secrets in addresses: authorization values, bearer-like words. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b((?:proxy-)?authorization|cookie|set-cookie)\b\s{0,8}[:=][^\r\n]{1,8000}/gi, '$1: …'],
  [/\b(bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8,8000}/gi, '$1 …'],
];

/**
 * The log of a host with a window: one JSON object a line, without secrets, in a file that is kept small. A log
 * that cannot be written is no reason to stop.
 *
 * @param folder - is made when the first line comes
 */
export function createLogFile(folder: string, now: () => Date = () => new Date()): Log {
  const file = path.join(folder, 'tallyman.log');
  return ({ level, from, message, stack }) => {
    const line = {
      time: now().toISOString(),
      level,
      from,
      message: displayText(withoutSecrets(message)),
      ...(stack === undefined
        ? {}
        : { stack: withoutSecrets(stack).split('\n').slice(0, 30).map(displayText) }),
    };
    try {
      mkdirSync(folder, { recursive: true });
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_FILE_LIMIT) moveOn(file);
      appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    } catch {
      // nowhere to say so
    }
  };
}

function withoutSecrets(text: string): string {
  // With the separators, so that joining gives the text back.
  const words = text.split(/(\s+)/).map(withoutAddressSecrets);
  return SECRETS.reduce(
    (cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement),
    words.join(''),
  );
}

/** Hides userinfo and query of the addresses in a word. By hand: a regular expression would be quadratic in the word. */
function withoutAddressSecrets(word: string): string {
  const [before = '', ...addresses] = word.split('://');
  if (addresses.length === 0) return word;
  const shown = addresses.map(withoutUserinfo).join('://');
  const query = firstOf(shown, '?#');
  return `${before}://${shown.slice(0, query)}${query === shown.length ? '' : '?…'}`;
}

function withoutUserinfo(address: string): string {
  const userinfo = address.slice(0, firstOf(address, '/?#')).lastIndexOf('@');
  return userinfo === -1 ? address : `…${address.slice(userinfo)}`;
}

/** Position of the first of some characters; the length of the text when none is there. */
function firstOf(text: string, characters: string): number {
  let index = 0;
  while (index < text.length && !characters.includes(text.charAt(index))) index += 1;
  return index;
}

function moveOn(file: string): void {
  for (let age = OLD_LOG_FILES; age > 0; age--) {
    const from = age === 1 ? file : `${file}.${age - 1}`;
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${file}.${age}`);
  }
}
