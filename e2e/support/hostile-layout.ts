import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { LayoutFiles } from '../../main/testing/make-layout.ts';

/** Name of the one tagged image in a hostile layout. */
export const HOSTILE_TAG = 'everything';

/**
 * Writes a layout that holds every text in every field that the window shows: as names and values of annotations, as labels, environment,
 * history, command and author of a config, as titles and media types of layers, as artifact types of referrers, and as names
 * (`ref.name` is free text) of entries.
 *
 * @returns the folder
 */
export async function writeHostileLayout(folder: string, texts: readonly string[]): Promise<string> {
  const files = new LayoutFiles();
  const pairs = Object.fromEntries(texts.map((text, at) => [`${at} ${text}`, text]));
  const config = files.blob(
    JSON.stringify({
      os: texts[0],
      architecture: texts[1],
      variant: texts[2],
      author: texts[3],
      created: '2026-01-02T03:04:05Z',
      config: {
        User: texts[4],
        WorkingDir: texts[5],
        Entrypoint: texts.slice(0, 40),
        Cmd: texts.slice(40, 80),
        Env: texts.map((text) => `TEXT=${text}`),
        Labels: pairs,
        ExposedPorts: Object.fromEntries(texts.slice(0, 20).map((text) => [text, {}])),
      },
      rootfs: { type: 'layers', diff_ids: [] },
      history: texts.map((text) => ({ created: text, created_by: text, comment: text, author: text })),
    }),
    MEDIA_TYPES.imageConfig,
  );
  const layers = texts.map((text, at) => ({
    ...files.blob(`layer ${at}`, `application/x; ${text}`),
    annotations: { 'org.opencontainers.image.title': text },
  }));
  const image = files.manifest({ config, layers, annotations: pairs });
  const referrers = texts.map((text, at) => ({
    ...files.manifest({ artifactType: text, subject: image, annotations: { [text]: text, at: String(at) } }),
    artifactType: text,
    annotations: { 'org.opencontainers.image.ref.name': text, [text]: text },
  }));
  files.setEntries([tagged(image), ...referrers]);
  return files.writeTo(folder);
}

function tagged(descriptor: Descriptor): object {
  return { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': HOSTILE_TAG } };
}
