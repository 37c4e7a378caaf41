import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import { digestOf } from '../content/digest-of.ts';
import type { NewManifest } from '../layout/checked-manifest.ts';
import type { LayoutWriter } from '../layout/layout-writer.ts';
import {
  packSampleLayer,
  SAMPLE_CREATED,
  SAMPLE_VERSION,
  sampleConfig,
  sampleFiles,
  sampleReport,
  sampleSbom,
} from './sample-graph-content.ts';
import {
  COSIGN_SIGN_PREDICATE,
  makeSampleKey,
  signSample,
  type SampleKey,
} from './sample-graph-signature.ts';

/** The name of the sample in its store. */
export const SAMPLE_TAG = 'sample';

/** Annotation of the image's index by which the sample is known again. */
const SAMPLE_TITLE = 'Tallyman sample: hello';

/** Annotation of the signatures with the public key (PEM) that verifies them, since nobody else keeps it. */
export const SAMPLE_KEY_ANNOTATION = 'tallyman.sample/public-key';

const PLATFORMS: readonly Platform[] = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];

export interface SampleGraph {
  readonly tag: string;
  /** Of the image's index. */
  readonly digest: Digest;
}

/**
 * Makes the sample graph in a store, without any network: an image for two platforms, its SBOM (SPDX), a signature of the
 * image, a report about the SBOM (SARIF) and a signature of the report, all of them real. When it is there, whole, it stays
 * as it is.
 *
 * The referrers are written as oras and cosign 3 write them (manifests with `subject`, listed without a name) and, because
 * the layout writer does so for every referrer, in the `sha256-…` indexes that regctl reads: each such edge of the graph is
 * found in two ways.
 * @throws TallymanError CONFLICT when the name is taken by something else, and as `LayoutWriter`.
 */
export async function createSampleGraph(
  writer: LayoutWriter,
  { signal }: { readonly signal: AbortSignal } = { signal: new AbortController().signal },
): Promise<SampleGraph> {
  const existing = await findSample(writer, signal);
  if (existing !== undefined) return { tag: SAMPLE_TAG, digest: existing };

  const parts = new SampleParts(writer, signal);
  const image = await parts.addImage();
  const sbom = await parts.addArtifact(
    MEDIA_TYPES.spdxJson,
    'hello.spdx.json',
    sampleSbom(image.digest),
    image,
  );
  const report = await parts.addArtifact(MEDIA_TYPES.sarif, 'hello.sarif', sampleReport(), sbom);
  const key = makeSampleKey();
  await parts.addSignature(image, key);
  await parts.addSignature(report, key);
  const { notes } = await writer.putManifests(parts.manifests, { signal });
  const [note] = notes;
  if (note !== undefined) throw new TallymanError(note);
  return { tag: SAMPLE_TAG, digest: image.digest };
}

/** The digest of a sample that is there with everything that belongs to it. */
async function findSample(writer: LayoutWriter, signal: AbortSignal): Promise<Digest | undefined> {
  const named = await writer.target.resolve(SAMPLE_TAG, { signal });
  if (named === undefined) return undefined;
  const children = await readChildren(writer, named, signal).catch((error: unknown) => {
    // Damaged or missing: it is made again. Anything else, like a disk that refuses, is no answer.
    const code = error instanceof TallymanError ? error.code : undefined;
    if (code === 'MISSING' || code === 'DIGEST_MISMATCH' || code === 'SIZE_MISMATCH') return undefined;
    throw error;
  });
  if (children === undefined) return undefined;
  if (children.title !== SAMPLE_TITLE) {
    throw new TallymanError({
      code: 'CONFLICT',
      message: `The name ${SAMPLE_TAG} in ${writer.target.label} belongs to something else than the sample.`,
      hint: `Take the name ${SAMPLE_TAG} away from it, then make the sample again.`,
    });
  }
  const whole =
    (await areWhole(writer, children.manifests, signal)) &&
    (await hasReferrer(writer, named.digest, MEDIA_TYPES.sigstoreBundle, signal)) !== undefined &&
    (await hasSignedReport(writer, named.digest, signal));
  return whole ? named.digest : undefined;
}

async function hasSignedReport(writer: LayoutWriter, image: Digest, signal: AbortSignal): Promise<boolean> {
  const sbom = await hasReferrer(writer, image, MEDIA_TYPES.spdxJson, signal);
  const report = sbom && (await hasReferrer(writer, sbom.digest, MEDIA_TYPES.sarif, signal));
  return (
    report !== undefined &&
    (await hasReferrer(writer, report.digest, MEDIA_TYPES.sigstoreBundle, signal)) !== undefined
  );
}

/** A referrer of one type whose content is there. */
async function hasReferrer(
  writer: LayoutWriter,
  subject: Digest,
  artifactType: string,
  signal: AbortSignal,
): Promise<Descriptor | undefined> {
  const answer = await writer.target.referrers?.list(subject, { signal });
  if (answer?.outcome !== 'listed') return undefined;
  for (const referrer of answer.referrers) {
    if (referrer.artifactType === artifactType && (await areWhole(writer, [referrer], signal)))
      return referrer;
  }
  return undefined;
}

/** Whether manifests are there with their configs and layers, which then stay for a while. */
async function areWhole(
  writer: LayoutWriter,
  manifests: readonly Descriptor[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const descriptor of manifests) {
    if (!(await writer.has(descriptor))) return false;
    const { bytes } = await writer.target.fetchManifest(descriptor, { signal });
    const parsed = parseManifest(bytes, descriptor.mediaType);
    if (parsed.form !== 'manifest') return false;
    for (const blob of [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers]) {
      if (!(await writer.has(blob))) return false;
    }
  }
  return true;
}

async function readChildren(
  writer: LayoutWriter,
  index: Descriptor,
  signal: AbortSignal,
): Promise<{ readonly title: string | undefined; readonly manifests: readonly Descriptor[] }> {
  const { bytes } = await writer.target.fetchManifest(index, { signal });
  const parsed = parseManifest(bytes, index.mediaType);
  return {
    title: parsed.annotations['org.opencontainers.image.title'],
    manifests: parsed.form === 'index' ? parsed.manifests : [],
  };
}

/** Stores the blobs of the sample at once and gathers its manifests for one change of the index. */
class SampleParts {
  readonly manifests: NewManifest[] = [];
  readonly #writer: LayoutWriter;
  readonly #signal: AbortSignal;

  constructor(writer: LayoutWriter, signal: AbortSignal) {
    this.#writer = writer;
    this.#signal = signal;
  }

  async addImage(): Promise<Descriptor> {
    const images: Descriptor[] = [];
    for (const platform of PLATFORMS) images.push({ ...(await this.#addPlatform(platform)), platform });
    const annotations = {
      'org.opencontainers.image.created': SAMPLE_CREATED,
      'org.opencontainers.image.title': SAMPLE_TITLE,
      'org.opencontainers.image.version': SAMPLE_VERSION,
    };
    return this.#addManifest(
      MEDIA_TYPES.index,
      { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: images, annotations },
      { name: SAMPLE_TAG },
    );
  }

  /** One document as a referrer, in the form of `oras attach`. */
  async addArtifact(
    artifactType: string,
    title: string,
    document: object,
    subject: Descriptor,
  ): Promise<Descriptor> {
    const layer = await this.#addBlob(artifactType, `${JSON.stringify(document, undefined, 2)}\n`);
    await this.#addBlob(MEDIA_TYPES.empty, '{}');
    return this.#addManifest(MEDIA_TYPES.manifest, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      artifactType,
      config: EMPTY_DESCRIPTOR,
      layers: [{ ...layer, annotations: { 'org.opencontainers.image.title': title } }],
      subject: bare(subject),
      annotations: { 'org.opencontainers.image.created': SAMPLE_CREATED },
    });
  }

  /** A signature as a referrer, in the form of cosign 3. */
  async addSignature(subject: Descriptor, key: SampleKey): Promise<Descriptor> {
    const artifactType = MEDIA_TYPES.sigstoreBundle;
    const layer = await this.#addBlob(artifactType, JSON.stringify(signSample(subject.digest, key)));
    await this.#addBlob(MEDIA_TYPES.empty, '{}');
    return this.#addManifest(MEDIA_TYPES.manifest, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: { ...bare(EMPTY_DESCRIPTOR), artifactType },
      layers: [layer],
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': COSIGN_SIGN_PREDICATE,
        'org.opencontainers.image.created': SAMPLE_CREATED,
        [SAMPLE_KEY_ANNOTATION]: key.publicKey,
      },
      subject: bare(subject),
      artifactType,
    });
  }

  async #addPlatform(platform: Platform): Promise<Descriptor> {
    const layers = await Promise.all(sampleFiles(platform).map(packSampleLayer));
    const config = await this.#addBlob(
      MEDIA_TYPES.imageConfig,
      JSON.stringify(sampleConfig(platform, layers)),
    );
    const described: Descriptor[] = [];
    for (const { bytes } of layers) described.push(await this.#addBlob(MEDIA_TYPES.layerTarGzip, bytes));
    const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config, layers: described };
    return this.#addManifest(MEDIA_TYPES.manifest, document, { platform });
  }

  async #addBlob(mediaType: string, content: string | Uint8Array): Promise<Descriptor> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    await this.#writer.ingest(descriptor, bytes, { signal: this.#signal, names: 'later' });
    return descriptor;
  }

  #addManifest(
    mediaType: string,
    document: object,
    about: { readonly name?: string; readonly platform?: Platform } = {},
  ): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document));
    this.manifests.push({ bytes, mediaType, ...about });
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  }
}

/** Type, digest and size alone, as cosign writes `config` and everybody `subject`. */
function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
