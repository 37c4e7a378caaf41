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

/** The same writer for a job that is done again: it sends nothing that is there, also where a place takes small blobs unasked. */
export function askingFirst(writer: TargetWriter): TargetWriter {
  const writeBlob: TargetWriter['writeBlob'] = async (descriptor, source, options) =>
    (await writer.hasBlob(descriptor, options))
      ? { outcome: 'present', sent: 0 }
      : await writer.writeBlob(descriptor, source, options);
  return new Proxy(writer, {
    get(inner, name) {
      if (name === 'writeBlob') return writeBlob;
      // A writer may be an object with private fields: its methods are called on itself.
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === 'function' ? (value.bind(inner) as unknown) : value;
    },
  });
}

/** Lets go of uploads that nobody will continue, as far as the place can. */
export async function forgetUploads(
  writer: TargetWriter,
  states: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await Promise.allSettled(states.map(async (state) => writer.forgetUpload?.(state, { signal })));
  } finally {
    await writer.close();
  }
}
