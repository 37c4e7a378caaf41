import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import type { Target } from '../../content/target.ts';
import { describeContent } from '../reading/describe-content.ts';
import type { HandlersOf } from '../handlers.ts';
import type { ManifestCache } from '../reading/manifest-cache.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { placeKey } from '../sources/place-key.ts';
import { readContent } from '../reading/read-content.ts';
import type { SaveRoute } from '../save-route.ts';

export interface ContentServiceOptions {
  readonly targets: OpenTargets;
  readonly manifests: ManifestCache;
  readonly saveRoute: SaveRoute;
}

interface NodeAddress {
  readonly target: TargetAddress;
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly manifest: boolean;
}

/** One node of a graph: its facts, its bytes, and its way to the disk. */
export function createContentService(
  options: ContentServiceOptions,
): HandlersOf<'content.describe' | 'content.read' | 'content.saveAddress'> {
  const { targets, manifests, saveRoute } = options;

  const open = async (
    node: NodeAddress,
    signal: AbortSignal,
  ): Promise<{ readonly target: Target; readonly descriptor: Descriptor }> => {
    const target = await targets.target(node.target, signal);
    // The digest is the only part that reaches a URL or a path (bar, B1).
    const descriptor = { digest: parseDigest(node.digest), mediaType: node.mediaType, size: node.size };
    return { target: manifests.remembering(target, placeKey(node.target)), descriptor };
  };

  return {
    async 'content.describe'(node, { signal }) {
      const { target, descriptor } = await open(node, signal);
      return await describeContent(target, descriptor, node.manifest, signal);
    },

    async 'content.read'(node, { signal }) {
      const { target, descriptor } = await open(node, signal);
      return await readContent(target, descriptor, node.manifest, signal);
    },

    async 'content.saveAddress'(node, { signal }) {
      const { target, descriptor } = await open(node, signal);
      const path = saveRoute.offer({
        fileName: node.fileName,
        size: descriptor.size,
        read: (reading) =>
          node.manifest
            ? manifestBytes(target, descriptor, reading)
            : target.readBlob(descriptor, { signal: reading }),
      });
      return { path };
    },
  };
}

async function* manifestBytes(
  target: Target,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { bytes } = await target.fetchManifest(descriptor, { signal });
  yield bytes;
}
