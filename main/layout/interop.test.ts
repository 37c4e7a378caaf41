import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import { digestOf } from '../content/digest-of.ts';
import { readEverything } from '../testing/check-layout.ts';
import { runPeer } from '../testing/run-peer.ts';
import { peer } from '../testing/surroundings.ts';
import { TAR_END, tarEntry } from '../testing/tar-blocks.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { createLayout } from './write-layout.ts';

const { signal } = new AbortController();
const [oras, regctl, skopeo] = [peer('oras'), peer('regctl'), peer('skopeo')];

function describeBytes(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

async function put(writer: LayoutWriter, fields: object, name?: string): Promise<Descriptor> {
  const config = Buffer.from('{}');
  await writer.ingest(describeBytes(config, MEDIA_TYPES.empty), config, { signal });
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: describeBytes(config, MEDIA_TYPES.empty),
    layers: [describeBytes(config, MEDIA_TYPES.empty)],
    ...fields,
  };
  const manifest = { bytes: Buffer.from(JSON.stringify(document)), mediaType: MEDIA_TYPES.manifest };
  const { descriptors } = await writer.putManifests([name === undefined ? manifest : { ...manifest, name }], {
    signal,
  });
  return descriptors[0]!;
}

interface OrasTree {
  readonly digest: string;
  readonly artifactType?: string;
  readonly referrers?: readonly OrasTree[];
}

interface RegctlTree {
  readonly reference: { readonly Digest: string };
  readonly referrer?: readonly RegctlTree[];
}

/** `[digest, [children…]]`, sorted. */
type Shape = readonly [string, readonly Shape[]];
const sorted = (shapes: readonly Shape[]): readonly Shape[] =>
  [...shapes].sort(([left], [right]) => (left < right ? -1 : 1));
const orasShape = (tree: OrasTree): Shape => [tree.digest, sorted((tree.referrers ?? []).map(orasShape))];
const regctlShape = (trees: readonly RegctlTree[] | undefined): readonly Shape[] =>
  sorted((trees ?? []).map((tree): Shape => [tree.reference.Digest, regctlShape(tree.referrer)]));

async function ourShape(writer: LayoutWriter, digest: Descriptor['digest']): Promise<Shape> {
  const answer = await writer.target.referrers!.list(digest, { signal });
  if (answer.outcome !== 'listed') throw new Error(answer.reason);
  return [
    digest,
    sorted(await Promise.all(answer.referrers.map((referrer) => ourShape(writer, referrer.digest)))),
  ];
}

describe.skipIf(oras === undefined || regctl === undefined)(
  'layouts beside real tools (skipped without oras and regctl in TALLYMAN_PEERS)',
  () => {
    it('are read whole by oras and regctl, referrers of referrers included', async () => {
      const folder = await temporaryFolder();
      const layout = path.join(folder, 'store');
      const writer = await createLayout(layout);
      const image = await put(writer, { artifactType: 'application/vnd.example.app' }, 'v1');
      const sbom = await put(writer, { subject: image, artifactType: MEDIA_TYPES.spdxJson });
      const report = await put(writer, { subject: sbom, artifactType: MEDIA_TYPES.sarif });
      const note = await put(writer, { subject: image, artifactType: 'text/plain' });
      const expected: Shape = [
        image.digest,
        sorted([
          [sbom.digest, [[report.digest, []]]],
          [note.digest, []],
        ]),
      ];

      const discovered = JSON.parse(
        await runPeer(oras!, ['discover', '--oci-layout', '--format', 'json', `${layout}:v1`], { folder }),
      ) as OrasTree;
      expect(orasShape(discovered)).toEqual(expected);
      expect(discovered.referrers?.map(({ artifactType }) => artifactType).sort()).toEqual([
        MEDIA_TYPES.spdxJson,
        'text/plain',
      ]);
      const below = JSON.parse(
        await runPeer(oras!, ['discover', '--oci-layout', '--format', 'json', `${layout}@${sbom.digest}`], {
          folder,
        }),
      ) as OrasTree;
      expect(orasShape(below)).toEqual([sbom.digest, [[report.digest, []]]]);

      const tree = JSON.parse(
        await runPeer(regctl!, ['artifact', 'tree', '--format', '{{json .}}', `ocidir://${layout}:v1`], {
          folder,
        }),
      ) as RegctlTree;
      expect(regctlShape(tree.referrer)).toEqual(expected[1]);
      expect(await ourShape(writer, image.digest)).toEqual(expected);
      await writer.close();
    });

    it('show what oras and regctl attach, keep it when we write, and the reverse', async () => {
      const folder = await temporaryFolder();
      const layout = path.join(folder, 'store');
      const writer = await createLayout(layout);
      const image = await put(writer, { artifactType: 'application/vnd.example.app' }, 'v1');
      await writeFile(path.join(folder, 'note.txt'), 'a note');
      const attached = JSON.parse(
        await runPeer(
          oras!,
          [
            'attach',
            '--oci-layout',
            '--format',
            'json',
            '--artifact-type',
            'text/x-note',
            `${layout}:v1`,
            'note.txt:text/plain',
          ],
          { folder },
        ),
      ) as OrasTree;
      await put(writer, { subject: image, artifactType: 'text/x-between' });
      await runPeer(
        regctl!,
        ['artifact', 'put', '--artifact-type', 'text/x-regctl', '--subject', `ocidir://${layout}:v1`],
        { folder, input: 'data' },
      );
      const last = await put(writer, { subject: image, artifactType: 'text/x-last' });

      const listed = await writer.target.referrers!.list(image.digest, { signal });
      const fallback = await writer.target.fetchManifest(referrersTag(image.digest), { signal });
      const inFallback = (
        JSON.parse(Buffer.from(fallback.bytes).toString()) as { manifests: readonly OrasTree[] }
      ).manifests;
      expect(listed).toMatchObject({ outcome: 'listed' });
      const types = new Set(
        [...(listed.outcome === 'listed' ? listed.referrers : []), ...inFallback].map(
          ({ artifactType }) => artifactType,
        ),
      );
      expect([...types].sort()).toEqual(['text/x-between', 'text/x-last', 'text/x-note', 'text/x-regctl']);
      expect(listed.outcome === 'listed' && listed.referrers.map(({ digest }) => digest)).toContain(
        attached.digest,
      );

      const discovered = JSON.parse(
        await runPeer(oras!, ['discover', '--oci-layout', '--format', 'json', `${layout}:v1`], { folder }),
      ) as OrasTree;
      expect(discovered.referrers?.map(({ digest }) => digest)).toContain(last.digest);
      const tree = JSON.parse(
        await runPeer(regctl!, ['artifact', 'tree', '--format', '{{json .}}', `ocidir://${layout}:v1`], {
          folder,
        }),
      ) as RegctlTree;
      expect(tree.referrer?.map(({ reference }) => reference.Digest)).toContain(last.digest);
      await readEverything(layout);
      await writer.close();
    });

    it.skipIf(skopeo === undefined)('are copied whole by oras, regctl and skopeo', async () => {
      const folder = await temporaryFolder();
      const layout = path.join(folder, 'store');
      const writer = await createLayout(layout);
      const tar = Buffer.concat([tarEntry({ name: 'hello' }, 'hello'), TAR_END]);
      const layer = gzipSync(tar); // skopeo would compress a plain one
      const config = Buffer.from(
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
        }),
      );
      for (const bytes of [layer, config])
        await writer.ingest(describeBytes(bytes, 'a/b'), bytes, { signal });
      const image = await put(
        writer,
        {
          config: describeBytes(config, MEDIA_TYPES.imageConfig),
          layers: [describeBytes(layer, MEDIA_TYPES.layerTarGzip)],
        },
        'v1',
      );
      await put(writer, { subject: image, artifactType: MEDIA_TYPES.sarif });
      await writer.close();

      await runPeer(
        oras!,
        ['cp', '-r', '--from-oci-layout', '--to-oci-layout', `${layout}:v1`, `${folder}/by-oras:v1`],
        { folder },
      );
      await runPeer(
        regctl!,
        ['image', 'copy', '--referrers', `ocidir://${layout}:v1`, `ocidir://${folder}/by-regctl:v1`],
        { folder },
      );
      await runPeer(
        skopeo!,
        ['--insecure-policy', 'copy', '--all', `oci:${layout}:v1`, `oci:${folder}/by-skopeo:v1`],
        { folder },
      );
      for (const copy of ['by-oras', 'by-regctl', 'by-skopeo']) {
        expect([copy, (await readEverything(path.join(folder, copy))).get('v1')]).toEqual([
          copy,
          image.digest,
        ]);
      }
    });
  },
);
