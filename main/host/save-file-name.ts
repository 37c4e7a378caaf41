import { trimEndWhile } from '../../shared/text/trim-end-while.ts';

/** Longest file name that is proposed, in bytes of UTF-8: what the common file systems take. */
const FILE_NAME_BYTES = 200;

/** Names that Windows gives to devices, with superscript digits too; refused everywhere, because files travel (bar, C3). */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i;

/**
 * A name that is safe to propose for saving a file, from a name that came from outside (a title annotation, a tag, a chart's
 * name): one path component, no control or invisible characters, no drive, stream or device name, never hidden (bar, C3).
 * @param fallback - what it is called when nothing of the name can stay; it must be safe itself.
 */
export function saveFileName(name: string, fallback: string): string {
  // Unpaired surrogates, controls and format characters (bidi overrides, zero-width) have no place in a file name.
  const visible = name.normalize('NFC').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  const component = visible.replace(/[/\\:*?"<>|]/g, '_').replace(/^[.\s]+/, '');
  const short = withoutEnd(cutToBytes(withoutEnd(component), FILE_NAME_BYTES));
  if (short === '') return fallback;
  const stem = short.slice(0, Math.max(short.indexOf('.'), 0)) || short;
  return DEVICE_NAME.test(stem.trim()) ? `_${short}` : short;
}

/** Windows drops dots and blanks at the end of a name by itself: two names would be one file. */
function withoutEnd(name: string): string {
  return trimEndWhile(name, (character) => /[.\s]/.test(character));
}

/** Cuts in the stem, so that the extension says what the file is. */
function cutToBytes(name: string, limit: number): string {
  if (Buffer.byteLength(name) <= limit) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : '';
  let stem = '';
  let room = limit - Buffer.byteLength(extension);
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + extension;
}
