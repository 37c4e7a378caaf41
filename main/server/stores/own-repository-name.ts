import { isServedName } from '../served-name.ts';

/** What a layout's own repository is called where its folder's name gives nothing. */
const FALLBACK_NAME = 'layout';

/**
 * A repository name made of the name of a layout's folder or archive: `Release Layout.tar.gz` is `release-layout`.
 * Runs of anything that repository names cannot hold become one hyphen.
 */
export function ownRepositoryName(fileName: string): string {
  const name = fileName
    .replace(/\.(?:tar|tgz|tar\.gz|oci)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 100)
    .replace(/-$/, '');
  return isServedName(name) ? name : FALLBACK_NAME;
}
