import { isAsciiDigit, isAsciiLower } from './ascii.ts';

/**
 * Longest repository name, in characters. The specification leaves it open and warns that many clients stop at 255 with
 * the host (distribution-spec, Pulling manifests); distribution/reference takes 255 without it.
 */
export const REPOSITORY_NAME_LENGTH_LIMIT = 255;

/**
 * True for the name of a repository within a registry: components of lower-case letters and digits, joined inside by
 * `.`, `_`, `__` or any number of `-`, and separated by `/` (distribution-spec, Pulling manifests).
 */
export function isRepositoryName(text: string): boolean {
  if (text.length === 0 || text.length > REPOSITORY_NAME_LENGTH_LIMIT) return false;
  return text.split('/').every(isNameComponent);
}

function isNameComponent(text: string): boolean {
  let separatorStart = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (!isAsciiLower(code) && !isAsciiDigit(code)) continue;
    const separator = text.slice(separatorStart, index);
    if (index > 0 && separator !== '' && !isSeparator(separator)) return false;
    if (index > 0 && separatorStart === 0) return false; // starts with a separator
    separatorStart = index + 1;
  }
  return text.length > 0 && separatorStart === text.length;
}

function isSeparator(text: string): boolean {
  if (text === '.' || text === '_' || text === '__') return true;
  for (let index = 0; index < text.length; index++) if (text.charAt(index) !== '-') return false;
  return true;
}
