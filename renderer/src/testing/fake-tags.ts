import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import type { RepositoryEntry, RowDetails } from '../../../shared/contract/repository.ts';
import { fakeDigest } from './fake-digest.ts';

/** One invented digest of a repository with the tags that name it. */
export interface FakeRow {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly details: RowDetails;
  /** Bytes of the manifest itself. */
  readonly manifestSize: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Invented things are as old as they say at any time, so that screenshots stay the same. */
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

function row(
  tags: readonly string[],
  digest: string,
  kind: NodeKind,
  what: string,
  size: number,
  age: number,
  attached: readonly [NodeKind, number][] | undefined,
): FakeRow {
  return {
    digest,
    tags,
    manifestSize: kind === 'index' ? 1_412 : 1_023,
    details: {
      digest,
      kind,
      mediaType: kind === 'index' ? INDEX_TYPE : MANIFEST_TYPE,
      what,
      size,
      created: ago(age),
      platforms:
        kind === 'index'
          ? [
              { os: 'linux', architecture: 'amd64' },
              { os: 'linux', architecture: 'arm64' },
            ]
          : kind === 'image'
            ? [{ os: 'linux', architecture: 'amd64' }]
            : [],
      ...(attached === undefined
        ? {
            attachedError: {
              code: 'RATE_LIMITED',
              message: 'registry.acme.example answered 429 to the question for referrers.',
              hint: 'It asks to wait 30 s.',
            },
          }
        : { attached: attached.map(([attachedKind, count]) => ({ kind: attachedKind, count })) }),
    },
  };
}

/** The digest around which the drawing's graph stands. */
export const ROOT_DIGEST = fakeDigest('team/app:1.8.2', '9f2c1a7be04d');

let teamApp: readonly FakeRow[] | undefined;

/** The repository of the drawing: versions of one program, a chart, companions. */
export function fakeTeamApp(): readonly FakeRow[] {
  return (teamApp ??= makeTeamApp());
}

function makeTeamApp(): readonly FakeRow[] {
  const rows: FakeRow[] = [
    row(['1.8.2', '1.8', 'latest'], ROOT_DIGEST, 'index', '2 platforms', 55_700_000, 2 * HOUR, [
      ['sbom-spdx', 1],
      ['sbom-cyclonedx', 1],
      ['signature-cosign', 1],
      ['attestation', 1],
      ['sarif', 1],
    ]),
    row(['1.8.1'], fakeDigest('1.8.1', '03bd6f18c2ae'), 'index', '2 platforms', 55_600_000, 3 * DAY, [
      ['sbom-spdx', 1],
      ['signature-cosign', 1],
    ]),
    row(['1.8.0'], fakeDigest('1.8.0', 'e8a6c0d91b47'), 'index', '2 platforms', 55_600_000, 12 * DAY, [
      ['sbom-spdx', 1],
      ['signature-notation', 1],
    ]),
    row(
      ['1.7.9', '1.7'],
      fakeDigest('1.7.9', '5c21b3aa07fe'),
      'image',
      'linux/amd64',
      27_900_000,
      33 * DAY,
      [],
    ),
    row(['chart-1.8.2'], fakeDigest('chart', 'b2f09e6d7c15'), 'helm-chart', 'Helm 1.8.2', 14_200, 2 * HOUR, [
      ['signature-cosign', 1],
    ]),
    row(['wasm-filter'], fakeDigest('wasm', '77ac0e12d9b4'), 'wasm', 'WASM module', 812_000, 40 * DAY, []),
    row(
      ['nightly'],
      fakeDigest('nightly', '4410fe29a1b0'),
      'index',
      '3 platforms',
      84_100_000,
      5 * HOUR,
      undefined,
    ),
  ];
  let version = 0;
  for (let minor = 6; minor >= 0; minor--) {
    for (let patch = 11; patch >= 0; patch--) {
      version++;
      const tags = patch === 11 ? [`1.${minor}.${patch}`, `1.${minor}`] : [`1.${minor}.${patch}`];
      rows.push(
        row(
          tags,
          fakeDigest(`1.${minor}.${patch}`),
          'image',
          'linux/amd64',
          27_000_000 + version * 31_000,
          (34 + version * 6) * DAY,
          [['signature-cosign', 1]],
        ),
      );
    }
  }
  return rows;
}

/** Tags that belong to other digests: cosign's and the referrers fallback. */
export function fakeCompanionTags(rows: readonly FakeRow[]): readonly string[] {
  const encoded = rows.slice(0, 12).map((each) => each.digest.replace(':', '-'));
  return [
    ...encoded.map((name) => `${name}.sig`),
    ...encoded.slice(0, 7).map((name) => `${name}.att`),
    ...encoded.slice(0, 3),
  ];
}

/** A few rows for the other repositories. */
export function fakeSmallRepository(name: string): readonly FakeRow[] {
  return ['2.1.0', '2.0.4', '2.0.3', '1.9.0', 'latest'].map((tag, at) =>
    row(
      [tag],
      fakeDigest(`${name}:${tag}`),
      'image',
      'linux/amd64',
      12_400_000 - at * 120_000,
      (at + 1) * 9 * DAY,
      at === 0 ? [['sbom-spdx', 1]] : [],
    ),
  );
}

/** Entries of a layout's index: digests are known at once, and some have no tag. */
export function fakeLayoutEntries(): readonly RepositoryEntry[] {
  const rows = fakeTeamApp().slice(0, 5);
  return [
    ...rows.flatMap((each) =>
      each.tags.map((tag) => ({
        tag,
        digest: each.digest,
        mediaType: each.details.mediaType,
        size: each.manifestSize,
      })),
    ),
    {
      digest: fakeDigest('untagged-sbom', '61e7d0b4a9c8'),
      mediaType: MANIFEST_TYPE,
      artifactType: 'application/spdx+json',
      size: 812,
    },
  ];
}

/** Names for the huge repository, in the order a registry gives them: by bytes. */
export function fakeHugeTags(count: number): readonly string[] {
  const tags: string[] = [];
  for (let at = 0; at < count; at++) {
    const kind = at % 10;
    if (kind < 6) tags.push(`${Math.floor(at / 4000)}.${Math.floor(at / 80) % 50}.${at % 80}`);
    else if (kind < 9) tags.push(`main-${fakeDigest(String(at)).slice(7, 14)}`);
    else tags.push(`pr-${at}`);
  }
  return [...new Set(tags)].sort();
}
