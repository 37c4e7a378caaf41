import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { decodeInlineData } from '../../../shared/oci/inline-data.ts';
import { CONFIG_LIMIT } from '../../content/limits.ts';
import type { Target } from '../../content/target.ts';
import { readAll, verifyBytes } from '../../content/verify-content.ts';

/**
 * The bytes of a config, verified, in memory. Content that the descriptor carries itself is used when its digest is right, and costs
 * no request.
 * @throws TallymanError LIMIT above `CONFIG_LIMIT`, else what the place answers or the check finds.
 */
export async function readConfig(
  target: Target,
  config: Descriptor,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const inline = decodeInlineData(config);
  if (inline !== undefined && isRight(inline, config)) return inline;
  if (config.size > CONFIG_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `The config ${config.digest} has ${config.size} bytes; up to ${CONFIG_LIMIT} are read.`,
      hint: 'Look at it under Raw, or save it.',
      details: { limit: CONFIG_LIMIT },
    });
  }
  return await readAll(target.readBlob(config, { signal }), CONFIG_LIMIT, 'The config');
}

function isRight(bytes: Uint8Array, config: Descriptor): boolean {
  try {
    verifyBytes(bytes, config);
    return true;
  } catch {
    return false; // hand-data-field: data that does not match is not trusted, the place may still hold the right bytes
  }
}
