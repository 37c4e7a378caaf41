import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { FileSystem } from '../layout/file-system.ts';
import { nodeFileSystem } from '../layout/node-file-system.ts';
import { openLayout } from '../layout/open-layout.ts';
import { readAll } from '../content/verify-content.ts';

const LIMIT = 64 * 1024 * 1024;

/**
 * Opens a layout and reads everything that its names lead to, whole and verified: configs, layers, children.
 * @returns digest by name. Throws at the first thing that is missing or damaged.
 */
export async function readEverything(
  location: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<ReadonlyMap<string, string>> {
  const { signal } = new AbortController();
  const layout = await openLayout(location, { signal, fileSystem });
  try {
    const names = new Map<string, string>();
    const seen = new Set<string>();
    const readManifest = async (descriptor: Descriptor): Promise<void> => {
      if (seen.has(descriptor.digest)) return;
      seen.add(descriptor.digest);
      const { bytes } = await layout.target.fetchManifest(descriptor, { signal });
      const parsed = parseManifest(bytes, descriptor.mediaType);
      const [problem] = parsed.problems;
      if (problem !== undefined) throw new TallymanError(problem);
      if (parsed.form === 'index') for (const child of parsed.manifests) await readManifest(child);
      if (parsed.form !== 'manifest') return;
      for (const blob of [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers]) {
        await readAll(layout.target.readBlob(blob, { signal }), LIMIT);
      }
    };
    for await (const page of layout.target.listEntries?.({ signal }) ?? []) {
      for (const { tag, descriptor } of page) {
        if (descriptor === undefined) throw new Error('an entry without a descriptor');
        await readManifest(descriptor);
        if (tag !== undefined) names.set(tag, descriptor.digest);
      }
    }
    return names;
  } finally {
    await layout.close();
  }
}
