import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { isRepositoryName } from '../../shared/oci/repository-name.ts';
import { isTag } from '../../shared/oci/tag.ts';

/** Longest name written. The specification sets none; a full reference fits. */
const REF_NAME_LENGTH_LIMIT = 512;

/** The grammar of image-spec annotations.md for `ref.name`: every step of it takes one more character, so it is linear. */
const REF_NAME_GRAMMAR = /^[A-Za-z0-9]+(?:(?:--|[-._:@+/])[A-Za-z0-9]+)*$/;

/** `repository:tag`, which may have parts that the grammar lacks: `team/my__app:v1_`. Podman and docker know images by such names. */
function isTagOfRepository(name: string): boolean {
  const colon = name.lastIndexOf(':');
  return colon > 0 && isTag(name.slice(colon + 1)) && isRepositoryName(name.slice(0, colon));
}

/**
 * Checks a name before it is written: a tag, or what the specification allows beyond tags. Any name can be *read*.
 * @throws TallymanError INVALID_INPUT.
 */
export function checkRefName(name: string): void {
  if (isTag(name) || isTagOfRepository(name)) return;
  if (name.length <= REF_NAME_LENGTH_LIMIT && REF_NAME_GRAMMAR.test(name)) return;
  throw new TallymanError({
    code: 'INVALID_INPUT',
    message: `${quoteText(name)} is no name that other tools would read.`,
    hint: 'Use letters, digits, dots, underscores and hyphens, as in a tag.',
  });
}
