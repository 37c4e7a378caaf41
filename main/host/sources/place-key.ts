import type { TargetAddress } from '../../../shared/contract/common.ts';

/** One text for a place, for caches. Neither source ids nor repository names contain a space before a repository. */
export function placeKey({ source, repository }: TargetAddress): string {
  return repository === undefined ? source : `${source} ${repository}`;
}
