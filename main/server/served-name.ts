import { isRepositoryName } from '../../shared/oci/repository-name.ts';

/** Longest name of a repository that is served, in characters: with a host before it, many clients stop at 255. */
const SERVED_NAME_LENGTH_LIMIT = 240;

/** True for the name of a repository that can be served. */
export function isServedName(name: string): boolean {
  return name.length <= SERVED_NAME_LENGTH_LIMIT && isRepositoryName(name);
}
