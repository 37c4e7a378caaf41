import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import { isTag } from '../../../shared/oci/tag.ts';

/**
 * A name of a layout as docker knows images, `repository:tag`: the whole name where it is one, else the tag in the repository.
 * @param repository - `localhost:5000/team/app`; undefined where it is not known.
 * @returns undefined for what docker would refuse, and for a tag without a repository.
 */
export function dockerName(refName: string, repository: string | undefined): string | undefined {
  if (isTag(refName)) {
    return repository !== undefined && isDockerRepository(repository)
      ? `${repository}:${refName}`
      : undefined;
  }
  const colon = refName.lastIndexOf(':');
  const isWhole = isTag(refName.slice(colon + 1)) && isDockerRepository(refName.slice(0, Math.max(colon, 0)));
  return isWhole ? refName : undefined;
}

/** A repository, with or without a registry before it: the first part is one when it has a dot or a colon, or is localhost. */
function isDockerRepository(text: string): boolean {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const hasHost = first === 'localhost' || (/[.:]/.test(first) && /^[A-Za-z0-9.-]+(?::[0-9]+)?$/.test(first));
  return isRepositoryName(hasHost ? text.slice(slash + 1) : text);
}
