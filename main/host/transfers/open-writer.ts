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
  return {
    ...boundTo(writer),
    async writeBlob(descriptor, source, options) {
      if (await writer.hasBlob(descriptor, options)) return { outcome: 'present', sent: 0 };
      return await writer.writeBlob(descriptor, source, options);
    },
  };
}

/** Its methods as functions of their own: a writer may be an object of a class. */
function boundTo(writer: TargetWriter): TargetWriter {
  const { mountBlob, untag, removeManifest, forgetUpload } = writer;
  return {
    target: writer.target,
    hasBlob: (...asked) => writer.hasBlob(...asked),
    writeBlob: (...asked) => writer.writeBlob(...asked),
    writeManifests: (...asked) => writer.writeManifests(...asked),
    tag: (...asked) => writer.tag(...asked),
    finish: (...asked) => writer.finish(...asked),
    close: () => writer.close(),
    ...(mountBlob === undefined ? {} : { mountBlob: (...asked) => mountBlob.apply(writer, asked) }),
    ...(untag === undefined ? {} : { untag: (...asked) => untag.apply(writer, asked) }),
    ...(removeManifest === undefined
      ? {}
      : { removeManifest: (...asked) => removeManifest.apply(writer, asked) }),
    ...(forgetUpload === undefined ? {} : { forgetUpload: (...asked) => forgetUpload.apply(writer, asked) }),
  };
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
