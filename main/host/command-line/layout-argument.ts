import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { dataFolder } from '../data-folder.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** Says that a path follows, whatever it looks like. */
const LAYOUT_PREFIX = 'layout:';

/** The LAYOUT of a verb: a path, relative to where the caller stands; the local store without one. */
export function layoutLocation(
  positionals: readonly string[],
  { environment, workingDirectory }: Surroundings,
): string {
  const [place, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`One LAYOUT is enough; “${displayText(more[0] ?? '')}” is too much.`);
  if (place === undefined) return path.join(dataFolder(environment), 'store');
  const named = place.startsWith(LAYOUT_PREFIX) ? place.slice(LAYOUT_PREFIX.length) : place;
  if (named === '') throw new UsageError('LAYOUT is empty: give the path of a layout.');
  return path.resolve(workingDirectory, named);
}
