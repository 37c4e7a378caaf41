import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Platform } from '../../shared/oci/platform.ts';
import { digestOf } from '../content/digest-of.ts';
import { readAll } from '../content/verify-content.ts';

/** When everything of the sample claims to be made, so that the same program makes the same bytes. */
export const SAMPLE_CREATED = '2026-01-01T00:00:00Z';
export const SAMPLE_VERSION = '1.0.0';

const LAYER_LIMIT = 1024 * 1024;

/** A layer as an image needs it: packed, and the digest of what it unpacks to (image-spec config.md, `diff_ids`). */
export interface SampleLayer {
  readonly bytes: Uint8Array;
  readonly diffId: string;
}

/** A tar+gzip layer of text files. */
export async function packSampleLayer(files: Readonly<Record<string, string>>): Promise<SampleLayer> {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) {
    archive.entry(
      { name, mode: name.startsWith('usr/bin/') ? 0o755 : 0o644, mtime: new Date(SAMPLE_CREATED) },
      text,
    );
  }
  archive.finalize();
  const tar = await readAll(archive as AsyncIterable<Uint8Array>, LAYER_LIMIT, 'The layer');
  const bytes = gzipSync(tar, { level: 9 });
  bytes[9] = 0xff; // no operating system: the same bytes on each
  return { bytes, diffId: digestOf(tar) };
}

/** Files of the two layers of one platform's image. */
export function sampleFiles(platform: Platform): readonly Readonly<Record<string, string>>[] {
  return [
    { 'etc/hello/greeting': 'Hello from the sample store.\n', 'etc/hello/version': `${SAMPLE_VERSION}\n` },
    { 'usr/bin/hello': `#!/bin/sh\n# ${platform.os}/${platform.architecture}\ncat /etc/hello/greeting\n` },
  ];
}

/** The image config of one platform (image-spec config.md). */
export function sampleConfig(platform: Platform, layers: readonly SampleLayer[]): object {
  return {
    created: SAMPLE_CREATED,
    author: 'Tallyman',
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `HELLO_VERSION=${SAMPLE_VERSION}`],
      Entrypoint: ['/usr/bin/hello'],
      WorkingDir: '/',
      Labels: {
        'org.opencontainers.image.title': 'hello',
        'org.opencontainers.image.version': SAMPLE_VERSION,
        'org.opencontainers.image.description': 'A greeting, to look at with Tallyman',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [
      { created: SAMPLE_CREATED, created_by: 'COPY etc/hello /etc/hello' },
      { created: SAMPLE_CREATED, created_by: 'COPY usr/bin/hello /usr/bin/hello' },
      { created: SAMPLE_CREATED, created_by: `ENV HELLO_VERSION=${SAMPLE_VERSION}`, empty_layer: true },
      { created: SAMPLE_CREATED, created_by: 'ENTRYPOINT ["/usr/bin/hello"]', empty_layer: true },
    ],
  };
}

/** An SBOM of the image (SPDX 2.3). */
export function sampleSbom(image: string): object {
  const files = { 'etc/hello/greeting': 'SPDXRef-Greeting', 'usr/bin/hello': 'SPDXRef-Program' };
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `hello-${SAMPLE_VERSION}`,
    documentNamespace: `https://tallyman.example/spdx/hello/${image.replace(':', '-')}`,
    creationInfo: { created: SAMPLE_CREATED, creators: ['Tool: Tallyman-sample'] },
    packages: [
      {
        SPDXID: 'SPDXRef-Image',
        name: 'hello',
        versionInfo: SAMPLE_VERSION,
        primaryPackagePurpose: 'CONTAINER',
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'Apache-2.0',
        licenseDeclared: 'Apache-2.0',
        copyrightText: 'NOASSERTION',
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: `pkg:oci/hello@${encodeURIComponent(image)}?tag=sample`,
          },
        ],
      },
      ...Object.entries(files).map(([name, id]) => ({
        SPDXID: id,
        name,
        versionInfo: SAMPLE_VERSION,
        primaryPackagePurpose: 'FILE',
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'Apache-2.0',
        licenseDeclared: 'Apache-2.0',
        copyrightText: 'NOASSERTION',
      })),
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-Image',
      },
      ...Object.values(files).map((id) => ({
        spdxElementId: 'SPDXRef-Image',
        relationshipType: 'CONTAINS',
        relatedSpdxElement: id,
      })),
    ],
  };
}

/** What a check of that SBOM reported (SARIF 2.1.0). */
export function sampleReport(): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'sample-sbom-check',
            version: SAMPLE_VERSION,
            rules: [
              {
                id: 'copyright-missing',
                shortDescription: { text: 'A package does not say who holds the copyright.' },
                defaultConfiguration: { level: 'warning' },
              },
              {
                id: 'download-location-missing',
                shortDescription: { text: 'A package does not say where it came from.' },
                defaultConfiguration: { level: 'note' },
              },
            ],
          },
        },
        results: [
          result('copyright-missing', 'warning', 'hello 1.0.0 has copyrightText NOASSERTION.'),
          result('download-location-missing', 'note', 'hello 1.0.0 has downloadLocation NOASSERTION.'),
        ],
      },
    ],
  };
}

function result(ruleId: string, level: string, text: string): object {
  return {
    ruleId,
    level,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: 'hello.spdx.json' } } }],
  };
}
