import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { Target } from '../../content/target.ts';

/** The writing side of a place. @throws TallymanError UNSUPPORTED for a place that can only be read. */
export async function openWriterOf(target: Target, signal: AbortSignal): Promise<TargetWriter> {
  const writer = await target.openWriter?.({ signal });
  if (writer !== undefined) return writer;
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${target.label} can only be read.`,
    hint: 'An archive is written as a whole: push into the folder of a layout and export that.',
  });
}
