import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { LayoutEntry, LayoutIndex } from './layout-index.ts';

/** Names that a message lists when none of them is the one asked for. */
const NAMES_SHOWN = 5;

/**
 * The entry that a name stands for. The specification says nothing of names that occur twice, so the first one counts.
 * A name that is a full reference, as podman writes (`docker.io/library/app:1.0`), is found whole, and by its tag (`1.0`)
 * as long as all names with that tag mean the same content.
 * @returns undefined when there is none.
 * @throws TallymanError AMBIGUOUS when the tag of several full references means different content, MALFORMED when the entry
 * of that name is.
 */
export function findEntry(index: LayoutIndex, name: string): Descriptor | undefined {
  const exact = index.entries.find((entry) => entry.refName === name);
  if (exact !== undefined) return descriptorOf(exact);

  const byTag = index.entries.filter(
    (entry) => entry.refName !== undefined && tagPart(entry.refName) === name,
  );
  const [first] = byTag;
  if (first === undefined) return undefined;
  if (byTag.some((entry) => entry.descriptor?.digest !== first.descriptor?.digest)) {
    throw new TallymanError({
      code: 'AMBIGUOUS',
      message: `${quoteText(name)} could be ${listNames(byTag)}.`,
      hint: 'Ask for one of the whole names, or for a digest.',
    });
  }
  return descriptorOf(first);
}

/** A sentence that names what the layout does have, for the error about a name that it lacks. */
export function knownNames(index: LayoutIndex): string {
  const named = index.entries.filter((entry) => entry.refName !== undefined && entry.refName !== '');
  return named.length === 0
    ? 'The layout has no tags: ask for a digest.'
    : `The layout has ${listNames(named)}.`;
}

/** The tag of a full reference: what follows the last colon, if that is no port. */
function tagPart(name: string): string | undefined {
  const colon = name.lastIndexOf(':');
  if (colon < 1 || name.includes('@') || name.includes('/', colon)) return undefined;
  return name.slice(colon + 1);
}

function descriptorOf(entry: LayoutEntry): Descriptor {
  if (entry.descriptor !== undefined) return entry.descriptor;
  const [problem] = entry.problems;
  throw new TallymanError(problem ?? { code: 'MALFORMED', message: 'The entry of index.json is malformed.' });
}

function listNames(entries: readonly LayoutEntry[]): string {
  const names = [...new Set(entries.map((entry) => entry.refName ?? ''))];
  const shown = names
    .slice(0, NAMES_SHOWN)
    .map((name) => quoteText(name))
    .join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
