import { open } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { fileError } from '../../layout/file-error.ts';

/** The first eight bytes of a component; a core module has 1 and 0 in the place of the last four (bytes, 4–7). */
const COMPONENT = '0061736d0d000100';

/**
 * Makes the config of a WASM artifact (CNCF, Wasm OCI Artifact): the layers by digest, and the interface by what the file is: WASI 0.1
 * for a core module, WASI 0.2 for a component. What a component imports and exports is not looked at, and the field left out.
 * @throws TallymanError UNREADABLE.
 */
export async function wasmConfig(file: string): Promise<(layers: readonly Descriptor[]) => Uint8Array> {
  const os = (await isComponent(file)) ? 'wasip2' : 'wasip1';
  return (layers) =>
    Buffer.from(
      JSON.stringify({ architecture: 'wasm', os, layerDigests: layers.map(({ digest }) => digest) }),
    );
}

async function isComponent(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r');
    try {
      const head = Buffer.alloc(8);
      await handle.read(head, 0, 8, 0);
      return head.toString('hex') === COMPONENT;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, `Reading ${quoteText(file)}`);
  }
}
