import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { Target } from '../../content/target.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { peer } from '../../testing/surroundings.ts';
import { TAR_END, tarEntry } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { exportArtifact, type ExportOptions } from './export-artifact.ts';
import { importArchive } from './import-archive.ts';

const { signal } = new AbortController();

/** An image that tools load, with layers that are tars. */
function imageIn(files: LayoutFiles, architecture: string, name = architecture): Descriptor {
  const tar = Buffer.concat([tarEntry({ name: `etc/${name}` }, name.repeat(5_000)), TAR_END]);
  const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] };
  const config = files.blob(
    JSON.stringify({ os: 'linux', architecture, config: {}, rootfs }),
    MEDIA_TYPES.imageConfig,
  );
  return files.manifest({ config, layers: [files.blob(gzipSync(tar), MEDIA_TYPES.layerTarGzip)] });
}

interface Sample {
  readonly folder: string;
  readonly layout: string;
  readonly index: Descriptor;
  readonly arm: Descriptor;
  readonly sbom: Descriptor;
}

/** A layout with an image for two platforms, and something about one of them. */
async function sample(names: readonly string[] = ['1.0']): Promise<Sample> {
  const folder = await temporaryFolder();
  const files = new LayoutFiles();
  const [amd, arm] = [imageIn(files, 'amd64'), imageIn(files, 'arm64')];
  const platforms = [amd, arm].map(({ mediaType, digest, size }, position) => ({
    mediaType,
    digest,
    size,
    platform: { os: 'linux', architecture: position === 0 ? 'amd64' : 'arm64' },
  }));
  const index = files.index(platforms);
  const { mediaType, digest, size } = arm;
  const sbom = files.manifest({ artifactType: MEDIA_TYPES.spdxJson, subject: { mediaType, digest, size } });
  files.setEntries([...names.map((name) => named(index, name)), sbom]);
  return { folder, layout: await files.writeTo(path.join(folder, 'layout')), index, arm, sbom };
}

async function withTarget<Result>(
  location: string,
  use: (target: Target) => Promise<Result>,
): Promise<Result> {
  const layout = await openLayout(location, { signal });
  try {
    return await use(layout.target);
  } finally {
    await layout.close();
  }
}

async function exported(
  { folder, layout }: Sample,
  options: Partial<ExportOptions> & Pick<ExportOptions, 'reference'>,
): Promise<string> {
  const destination = path.join(folder, 'exported.tar');
  await withTarget(layout, (from) =>
    exportArtifact({ from, destination, referrers: false, ...options }, { signal }),
  );
  return destination;
}

interface DockerList {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

function dockerListOf(archive: string): readonly DockerList[] {
  return JSON.parse(
    execFileSync('tar', ['-xOf', archive, 'manifest.json']).toString(),
  ) as readonly DockerList[];
}

const namesIn = (archive: string): readonly (string | null)[] =>
  dockerListOf(archive).flatMap(({ RepoTags }) => RepoTags ?? null);

describe('an exported artifact', () => {
  it('has the tag that it was asked for by, and for docker the name that the layout says', async () => {
    for (const reference of ['1.0', 'harbour.example/team/app:1.0']) {
      const archive = await exported(await sample(['harbour.example/team/app:1.0']), { reference });
      expect(namesIn(archive)).toEqual(['harbour.example/team/app:1.0']);
      await withTarget(archive, async (target) =>
        expect((await target.resolve('1.0', { signal }))?.mediaType).toBe(MEDIA_TYPES.index),
      );
    }
    expect(namesIn(await exported(await sample(), { reference: '1.0' }))).toEqual(['layout:1.0']);
    const repository = 'localhost:5000/team/app';
    expect(namesIn(await exported(await sample(), { reference: '1.0', repository }))).toEqual([
      'localhost:5000/team/app:1.0',
    ]);
  });

  it('has no name when it was asked for by its digest', async () => {
    const made = await sample();
    expect(namesIn(await exported(made, { reference: made.arm.digest }))).toEqual([null]);
  });

  it('may be one platform, and brings what is about it', async () => {
    const made = await sample();
    const archive = await exported(made, {
      reference: '1.0',
      platform: { os: 'linux', architecture: 'arm64' },
      referrers: true,
    });
    await withTarget(archive, async (target) => {
      expect((await target.resolve('1.0', { signal }))?.digest).toBe(made.arm.digest);
      expect(await target.referrers!.list(made.arm.digest, { signal })).toMatchObject({
        referrers: [{ digest: made.sbom.digest }],
      });
    });
  });

  it('is added to a layout folder that is there', async () => {
    const made = await sample();
    const destination = path.join(made.folder, 'other');
    await exported(made, { reference: '1.0', destination });
    await exported(made, { reference: made.sbom.digest, destination });
    await withTarget(destination, async (target) => {
      expect((await target.resolve('1.0', { signal }))?.digest).toBe(made.index.digest);
      expect((await target.resolve(made.sbom.digest, { signal }))?.digest).toBe(made.sbom.digest);
    });
  });

  it('comes from places that are no layouts as well', async () => {
    const folder = await temporaryFolder();
    const place = new MemoryPlace();
    const image = place.image('one', 'v1');
    place.attach(image, MEDIA_TYPES.sarif);
    const destination = path.join(folder, 'exported.tgz');
    const { referrers } = await exportArtifact(
      { from: place.target({ referrers: 'referrers-api' }), reference: 'v1', destination, referrers: true },
      { signal },
    );
    expect(referrers).toBe(1);
    await withTarget(destination, async (target) =>
      expect((await target.resolve('v1', { signal }))?.digest).toBe(image.digest),
    );
  });

  it('is not there when the source fails in the middle, or the work is stopped', async () => {
    const folder = await temporaryFolder();
    const place = new MemoryPlace();
    place.image('one', 'v1');
    const options = { reference: 'v1', destination: path.join(folder, 'exported.tar'), referrers: false };
    const failing = place.target({
      onRequest: (request) => {
        if (request.startsWith('blob')) throw new Error('the line is dead');
      },
    });
    await expect(exportArtifact({ ...options, from: failing }, { signal })).rejects.toThrow(
      'the line is dead',
    );
    const controller = new AbortController();
    const stopped = exportArtifact(
      { ...options, from: place.target({ onRequest: () => controller.abort() }) },
      { signal: controller.signal },
    );
    await expect(stopped).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});

const [skopeo, oras, regctl] = [peer('skopeo'), peer('oras'), peer('regctl')];

describe.skipIf(skopeo === undefined || oras === undefined || regctl === undefined)(
  'archives beside real tools (skipped without skopeo, oras and regctl)',
  () => {
    it('made by skopeo come in and go out with every digest', async () => {
      const { folder, layout, index } = await sample();
      const run = (...words: readonly string[]): Promise<string> =>
        runPeer(skopeo!, ['--insecure-policy', ...words], { folder });
      const [oci, docker] = [path.join(folder, 'oci.tar'), path.join(folder, 'docker.tar')];
      await run('copy', '--all', `oci:${layout}:1.0`, `oci-archive:${oci}:1.0`);
      await run(
        '--override-arch',
        'arm64',
        'copy',
        `oci:${layout}:1.0`,
        `docker-archive:${docker}:team/app:1.0`,
      );
      const store = path.join(folder, 'store');
      const imported = await importArchive({ archive: oci, into: store }, { signal });
      expect(imported.roots).toMatchObject([{ descriptor: { digest: index.digest }, names: ['1.0'] }]);
      const { roots } = await importArchive({ archive: docker, into: store }, { signal });
      // skopeo writes names whole: docker.io/team/app:1.0.
      const [name = ''] = roots[0]!.names;
      expect(name).toContain('team/app:1.0');

      for (const [reference, digest] of [
        ['1.0', index.digest],
        [name, roots[0]!.descriptor.digest],
      ] as const) {
        const destination = path.join(folder, `${digest.slice(7, 15)}.tar`);
        await withTarget(store, (from) =>
          exportArtifact({ from, reference, destination, referrers: true }, { signal }),
        );
        const raw = await run('inspect', '--raw', `oci-archive:${destination}:1.0`);
        expect(digestOf(Buffer.from(raw))).toBe(digest);
        const loaded = path.join(folder, `loaded-${digest.slice(7, 15)}`);
        await run('copy', `docker-archive:${destination}`, `dir:${loaded}`);
        const { config } = JSON.parse(await readFile(path.join(loaded, 'manifest.json'), 'utf8')) as {
          readonly config: { readonly digest: Digest };
        };
        expect(dockerListOf(destination)[0]!.Config).toBe(`blobs/${config.digest.replace(':', '/')}`);
      }
    });

    it('with referrers are read by oras and regctl, as a folder and as one file', async () => {
      const made = await sample();
      const { folder, arm, sbom } = made;
      const destination = path.join(folder, 'folder');
      await exported(made, { reference: '1.0', referrers: true, destination });
      const archive = await exported(made, { reference: '1.0', referrers: true });
      const run = (program: string, ...words: readonly string[]): Promise<string> =>
        runPeer(program, words, { folder });
      for (const place of [destination, archive]) {
        const copy = path.join(folder, `copy-${path.basename(place)}`);
        await run(oras!, 'cp', '-r', '--from-oci-layout', `${place}:1.0`, '--to-oci-layout', `${copy}:1.0`);
        await withTarget(copy, async (target) =>
          expect((await target.resolve(sbom.digest, { signal }))?.digest).toBe(sbom.digest),
        );
      }
      const listed = await run(
        regctl!,
        'artifact',
        'list',
        `ocidir://${destination}@${arm.digest}`,
        '--format',
        '{{json .}}',
      );
      expect(listed).toContain(sbom.digest);
      await run(regctl!, 'image', 'import', `ocidir://${path.join(folder, 'imported')}:1.0`, archive);
      const digest = await run(regctl!, 'image', 'digest', `ocidir://${path.join(folder, 'imported')}:1.0`);
      expect(digest.trim()).toBe(made.index.digest);
    });
  },
);
