import { readFile, stat } from 'node:fs/promises';
import { displayText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/** Bytes of a token file. */
const TOKEN_FILE_LIMIT = 4_096;

/** Shorter ones are guessed too fast. */
const TOKEN_LENGTH_LEAST = 16;

/**
 * The token in a file: its only line.
 * @param warn - gets a sentence when others on this machine may read the file.
 * @throws TallymanError UNREADABLE, INVALID_INPUT for a file without one line of printable characters.
 */
export async function readTokenFile(file: string, warn: (text: string) => void): Promise<string> {
  let text: string;
  try {
    const { size, mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      warn(`Others on this machine may read ${file}: take their permissions away.`);
    text = size > TOKEN_FILE_LIMIT ? '' : (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new TallymanError(
      {
        code: 'UNREADABLE',
        message: `The token file ${displayText(file)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        hint: 'Check the path and the permissions.',
      },
      { cause: error },
    );
  }
  if (/^[\x21-\x7e]+$/.test(text) && text.length >= TOKEN_LENGTH_LEAST) return text;
  throw new TallymanError({
    code: 'INVALID_INPUT',
    message: `The token file ${displayText(file)} holds no token.`,
    hint: `Write one line of at least ${TOKEN_LENGTH_LEAST} letters and digits into it, without blanks.`,
  });
}
