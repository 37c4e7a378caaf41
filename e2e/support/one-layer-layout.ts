import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a layout's one artifact has as its layer. */
export interface LayerAddress {
  readonly digest: string;
  readonly size: number;
}

/** Writes an image layout with one artifact, whose one layer is `content`. */
export async function writeOneLayerLayout(
  folder: string,
  content: string,
  mediaType: string,
): Promise<LayerAddress> {
  const put = async (text: string): Promise<LayerAddress> => {
    const encoded = createHash('sha256').update(text).digest('hex');
    await writeFile(path.join(folder, 'blobs', 'sha256', encoded), text);
    return { digest: `sha256:${encoded}`, size: Buffer.byteLength(text) };
  };
  await mkdir(path.join(folder, 'blobs', 'sha256'), { recursive: true });
  const layer = await put(content);
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await put('{}')) };
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType: manifestType, config, layers: [{ mediaType, ...layer }] };
  const root = await put(JSON.stringify(manifest));
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(
    path.join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: manifestType, ...root }] }),
  );
  return layer;
}
