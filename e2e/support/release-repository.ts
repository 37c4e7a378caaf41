import {
  addBlob,
  addManifest,
  emptyContent,
  repositoryIn,
  serveContent,
} from '../../main/testing/content-script.ts';
import type { ScriptedContent, ScriptedRepository } from '../../main/testing/content-script.ts';
import type { Script } from '../../main/testing/scripted-registry.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';
const SPDX = 'application/spdx+json';
const DAY = 24 * 60 * 60 * 1000;

/** What names content; a descriptor of the specification fits. */
interface Named {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A repository as a team has it after a few releases, in a scripted registry. */
export interface ReleaseRepository {
  readonly content: ScriptedContent;
  readonly script: Script;
  readonly name: string;
  /** Rows sorted by version: the tags of each, best first. */
  readonly rows: readonly (readonly string[])[];
  /** Tags and entries that belong to other rows. */
  readonly companions: number;
}

/**
 * `team/app` with images for two platforms, releases and a release candidate, SBOMs, signatures of both conventions, a scan report,
 * an attestation of BuildKit, a chart, and content of no known kind.
 */
export function releaseRepository(): ReleaseRepository {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  for (const name of ['team/api', 'team/charts', 'tools/scanner']) repositoryIn(content, name);
  const put = putInto(repository);

  const latest = put.release('1.10.0', ['1.10.0', '1.10', '1', 'latest'], 0.1);
  const sbom = put.attach(latest, SPDX, { spdxVersion: 'SPDX-2.3' }, 'app-1.10.0.spdx.json');
  put.attach(latest, 'application/vnd.cyclonedx+json', { bomFormat: 'CycloneDX' }, 'app-1.10.0.cdx.json');
  put.attach(sbom, 'application/sarif+json', { version: '2.1.0', runs: [] }, 'scan.sarif');
  put.signByTag(latest);
  const older = put.release('1.9.1', ['1.9.1', '1.9'], 3);
  put.attach(older, SPDX, { spdxVersion: 'SPDX-2.3' }, 'app-1.9.1.spdx.json');
  put.signByTag(older);
  put.release('1.9.0', ['1.9.0'], 12);
  put.image('2.0.0-rc.1', ['2.0.0-rc.1'], 1);
  put.image('1.2.11', ['1.2.11'], 420);
  put.artifact(
    'application/vnd.cncf.helm.config.v1+json',
    { name: 'app', version: '1.10.0' },
    'chart-1.10.0',
    0.25,
  );
  put.artifact('application/vnd.acme.release-notes.v1+json', { notes: 'text' }, 'notes', 30);

  return {
    content,
    script: serveContent(content),
    name: 'team/app',
    rows: [
      ['1.10.0', '1.10', '1', 'latest'],
      ['2.0.0-rc.1'],
      ['1.9.1', '1.9'],
      ['1.9.0'],
      ['1.2.11'],
      ['chart-1.10.0'],
      ['notes'],
    ],
    companions: 2,
  };
}

function putInto(repository: ScriptedRepository) {
  const blob = (value: unknown, mediaType: string): Named => {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    return { mediaType, digest: addBlob(repository, bytes), size: bytes.byteLength };
  };
  const manifest = (fields: object, mediaType: string, tags: readonly string[] = []): Named => {
    const digest = addManifest(repository, { schemaVersion: 2, mediaType, ...fields }, mediaType);
    for (const tag of tags) repository.tags.set(tag, digest);
    return { mediaType, digest, size: repository.manifests.get(digest)?.bytes.byteLength ?? 0 };
  };
  const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
  /** A descriptor of a layer that nobody reads: only its size is shown. */
  const layer = (seed: string, size: number): Named => ({
    ...blob(seed, 'application/vnd.oci.image.layer.v1.tar+gzip'),
    size,
  });

  const image = (version: string, tags: readonly string[], days: number, architecture = 'amd64'): Named => {
    const config = blob(
      {
        os: 'linux',
        architecture,
        created: daysAgo(days),
        config: { Env: ['PATH=/usr/bin'], Labels: { version }, Entrypoint: ['/app'] },
        rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] },
        history: [{ created: daysAgo(days), created_by: 'COPY app /app' }],
      },
      'application/vnd.oci.image.config.v1+json',
    );
    const layers = [
      layer(`base ${architecture}`, 3_402_000),
      layer(`app ${version} ${architecture}`, 24_417_000),
    ];
    return manifest(
      { config, layers, annotations: { 'org.opencontainers.image.version': version } },
      MANIFEST,
      tags,
    );
  };

  return {
    image,
    /** An index of two platforms with an attestation of BuildKit. */
    release(version: string, tags: readonly string[], days: number): Named {
      const [amd64, arm64] = [image(version, [], days), image(version, [], days, 'arm64')];
      const attestation = manifest(
        {
          config: blob({}, 'application/vnd.oci.image.config.v1+json'),
          layers: [
            {
              ...blob({ predicateType: 'https://slsa.dev/provenance/v1' }, 'application/vnd.in-toto+json'),
              annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
            },
          ],
        },
        MANIFEST,
      );
      const unknown = { os: 'unknown', architecture: 'unknown' };
      const manifests = [
        { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
        { ...arm64, platform: { os: 'linux', architecture: 'arm64' } },
        {
          ...attestation,
          platform: unknown,
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': amd64.digest,
          },
        },
      ];
      return manifest({ manifests }, INDEX, tags);
    },
    attach(subject: Named, artifactType: string, document: object, title: string): Named {
      return manifest(
        {
          artifactType,
          config: blob({}, EMPTY),
          layers: [
            { ...blob(document, artifactType), annotations: { 'org.opencontainers.image.title': title } },
          ],
          subject,
        },
        MANIFEST,
      );
    },
    /** A classic cosign signature, in the tag that is made of the digest. */
    signByTag(subject: Named): void {
      manifest(
        {
          config: blob({}, 'application/vnd.oci.image.config.v1+json'),
          layers: [blob({ critical: subject.digest }, 'application/vnd.dev.cosign.simplesigning.v1+json')],
        },
        MANIFEST,
        [`${subject.digest.replace(':', '-')}.sig`],
      );
    },
    artifact(configType: string, config: object, tag: string, days: number): void {
      manifest(
        {
          config: blob(config, configType),
          layers: [layer(tag, 14_200)],
          annotations: { 'org.opencontainers.image.created': daysAgo(days) },
        },
        MANIFEST,
        [tag],
      );
    },
  };
}
