import { displayText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import { createOpenPlaces, type OpenedPlace } from './open-place.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** A PLACE that names something in it. */
export interface ReferredPlace extends OpenedPlace {
  readonly reference: string;
}

/**
 * Opens the PLACE of a verb that changes names or deletes, and closes it again.
 * @param work - gets the place, and what opens its writing side; the writer is finished and closed when the work is done.
 */
export async function workOnPlace<Result>(
  text: string,
  plainHttp: boolean,
  surroundings: Surroundings,
  work: (
    place: ReferredPlace,
    write: <Written>(change: (writer: TargetWriter) => Promise<Written>) => Promise<Written>,
  ) => Promise<Result>,
): Promise<Result> {
  const { signal } = surroundings;
  const places = createOpenPlaces(surroundings, { plainHttp });
  try {
    const place = await places.open(text);
    const { reference, target } = place;
    if (reference === undefined) throw new UsageError(`${displayText(text)}: put :TAG or @DIGEST behind it.`);
    return await work({ ...place, reference }, async (change) => {
      if (target.openWriter === undefined) throw readOnly(target.label);
      const writer = await target.openWriter({ signal });
      try {
        const written = await change(writer);
        await writer.finish({ signal });
        return written;
      } finally {
        await writer.close();
      }
    });
  } finally {
    await places.close();
  }
}

function readOnly(label: string): TallymanError {
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: `${label} can only be read.`,
    hint: 'Choose a registry, a layout folder or the local store.',
  });
}
