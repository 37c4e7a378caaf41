import { trimEndOf } from '../../../shared/display/trim-end-of.ts';
import { bareMediaType } from '../../../shared/oci/media-types.ts';

/** Longest name that the contract takes. */
const NAME_LIMIT = 255;

/**
 * What a titled blob is called as a file. The title of a folder that was packed has no ending, and its blob is an archive: it gets that
 * ending. The host makes the name safe.
 */
export function draggedFileName(title: string, mediaType: string): string {
  const name = trimEndOf(title, '/');
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const isPlain = !last.includes('.');
  const archive = /tar[+.](gzip|zstd)$/.exec(bareMediaType(mediaType))?.[1];
  const ending = !isPlain || archive === undefined ? '' : archive === 'gzip' ? '.tar.gz' : '.tar.zst';
  return name.slice(-(NAME_LIMIT - ending.length)) + ending;
}
