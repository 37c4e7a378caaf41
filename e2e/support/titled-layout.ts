import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes an image layout with one artifact under the tag `1.0`, whose layers have titles.
 *
 * @param files - texts by their titles
 * @returns the paths of the blobs by their titles.
 */
export async function writeTitledLayout(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const blobs = path.join(folder, 'blobs', 'sha256');
  const paths: Record<string, string> = {};
  const put = async (text: string): Promise<{ digest: string; size: number; file: string }> => {
    const encoded = createHash('sha256').update(text).digest('hex');
    const file = path.join(blobs, encoded);
    await writeFile(file, text);
    return { digest: `sha256:${encoded}`, size: Buffer.byteLength(text), file };
  };
  await mkdir(blobs, { recursive: true });
  const layers: object[] = [];
  for (const [title, text] of Object.entries(files)) {
    const { file, ...content } = await put(text);
    paths[title] = file;
    layers.push({
      mediaType: 'application/vnd.example.file',
      ...content,
      annotations: { 'org.opencontainers.image.title': title },
    });
  }
  const { digest, size } = await put('{}');
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest, size };
  const artifactType = 'application/vnd.example.files';
  const root = await put(JSON.stringify({ schemaVersion: 2, mediaType, artifactType, config, layers }));
  const entry = {
    mediaType,
    digest: root.digest,
    size: root.size,
    annotations: { 'org.opencontainers.image.ref.name': '1.0' },
  };
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return paths;
}
