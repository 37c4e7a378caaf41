import {
  addBlob,
  addManifest,
  emptyContent,
  repositoryIn,
  type ScriptedContent,
  type ScriptedRepository,
  serveContent,
} from './content-script.ts';
import { type ScriptedRegistry, startScriptedRegistry } from './scripted-registry.ts';

interface ServedContent {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A scripted registry with `team/app`: an image for linux/amd64 under the tag 1.0, and an SPDX SBOM attached to it. */
export interface ServedImage {
  readonly registry: ScriptedRegistry;
  readonly content: ScriptedContent;
  readonly repository: ScriptedRepository;
  /** Its address in the contract. */
  readonly target: { readonly source: string; readonly repository: string };
  readonly image: ServedContent;
  readonly config: ServedContent;
  readonly layer: ServedContent;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const SPDX = 'application/spdx+json';

/** Starts it; the caller closes `registry`. */
export async function serveImage(): Promise<ServedImage> {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const blob = (text: string, mediaType: string): ServedContent => ({
    mediaType,
    digest: addBlob(repository, Buffer.from(text)),
    size: Buffer.byteLength(text),
  });
  const manifest = (fields: object, tag?: string): ServedContent => {
    const digest = addManifest(
      repository,
      { schemaVersion: 2, mediaType: MANIFEST, ...fields },
      MANIFEST,
      tag,
    );
    return { mediaType: MANIFEST, digest, size: repository.manifests.get(digest)?.bytes.byteLength ?? 0 };
  };
  const config = blob(
    '{"os":"linux","architecture":"amd64","created":"2026-01-02T03:04:05Z","rootfs":{"type":"layers","diff_ids":[]}}',
    'application/vnd.oci.image.config.v1+json',
  );
  const layer = blob('layer', 'application/vnd.oci.image.layer.v1.tar+gzip');
  const image = manifest({ config, layers: [layer] }, '1.0');
  manifest({
    artifactType: SPDX,
    config: blob('{}', 'application/vnd.oci.empty.v1+json'),
    layers: [blob('{"spdxVersion":"SPDX-2.3"}', SPDX)],
    subject: image,
  });
  const registry = await startScriptedRegistry(serveContent(content));
  return {
    registry,
    content,
    repository,
    target: { source: `registry:${registry.host}`, repository: 'team/app' },
    image,
    config,
    layer,
  };
}
