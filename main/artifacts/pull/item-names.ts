import { trimEndOf } from '../../../shared/display/trim-end-of.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestAlgorithm, digestEncoded } from '../../../shared/oci/digest.ts';
import { bareMediaType } from '../../../shared/oci/media-types.ts';
import { foldedPath, requireSafePath, withSuffix, type SafePath } from '../files/safe-path.ts';
import { RENAME_LIMIT } from '../limits.ts';

/** Endings of media types, the longest first, with those that files have. */
const ENDINGS: readonly (readonly [string, string])[] = [
  ['.tar+gzip', '.tar.gz'],
  ['.tar.gzip', '.tar.gz'],
  ['tar+gzip', '.tar.gz'],
  ['.tar+zstd', '.tar.zst'],
  ['.tar.zstd', '.tar.zst'],
  ['+json', '.json'],
  ['+xml', '.xml'],
  ['+yaml', '.yaml'],
  ['+gzip', '.gz'],
  ['+zstd', '.zst'],
  ['+zip', '.zip'],
  ['/json', '.json'],
  ['/xml', '.xml'],
  ['/plain', '.txt'],
  ['/markdown', '.md'],
  ['/wasm', '.wasm'],
  ['.tar', '.tar'],
  ['/octet-stream', '.bin'],
];

/** The name of content that nobody gave one: its digest, and an ending that says its type as well as file names can. */
export function nameByDigest({ digest, mediaType }: Descriptor): SafePath {
  const type = bareMediaType(mediaType).toLowerCase();
  const known = ENDINGS.find(([ending]) => type.endsWith(ending))?.[1];
  const spelled = `.${type.replace(/[^a-z0-9.+-]+/g, '_').slice(0, 80)}`;
  const ending = known ?? (/^[a-z0-9]/.test(type) ? trimEndOf(spelled, '.') : '');
  return requireSafePath(`${digestAlgorithm(digest)}-${digestEncoded(digest)}${ending}`, 'The name');
}

/** Names of one pull: no two that some file system takes for one, and no file where another has a folder. */
export class TakenNames {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** The name, or with a suffix when it is taken; undefined when one of its folders is a file, or all suffixes are taken. */
  take(name: SafePath): SafePath | undefined {
    const parents = parentsOf(foldedPath(name));
    if (parents.some((parent) => this.#files.has(parent))) return undefined;
    for (let number = 1; number <= RENAME_LIMIT; number += 1) {
      const candidate = number === 1 ? name : requireSafePath(withSuffix(name, number), 'The name');
      const folded = foldedPath(candidate);
      if (this.#files.has(folded) || this.#folders.has(folded)) continue;
      this.#files.add(folded);
      for (const parent of parents) this.#folders.add(parent);
      return candidate;
    }
    return undefined;
  }
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
