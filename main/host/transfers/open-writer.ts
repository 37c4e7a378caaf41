import type { TargetAddress } from '../../../shared/contract/common.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { OpenTargets } from '../sources/open-targets.ts';

/**
 * The writing side of a place. Whoever asks closes it.
 * @throws TallymanError UNSUPPORTED for a place that can only be read.
 */
export async function openWriter(
  targets: OpenTargets,
  address: TargetAddress,
  signal: AbortSignal,
): Promise<TargetWriter> {
  const target = await targets.target(address, signal);
  if (target.openWriter !== undefined) return await target.openWriter({ signal });
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${target.label} can only be read.`,
    hint: 'Choose a registry, a layout folder or the local store to write to.',
  });
}

/** Lets go of uploads that nobody will continue, as far as the place can. */
export async function forgetUploads(
  writer: TargetWriter,
  states: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await Promise.allSettled(states.map((state) => writer.forgetUpload?.(state, { signal })));
  } finally {
    await writer.close();
  }
}
