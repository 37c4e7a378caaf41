import { spawn } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import {
  parseManifest,
  type IndexDocument,
  type ManifestDocument,
  type ParsedManifest,
} from '../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { digestOf } from '../content/digest-of.ts';
import { readAll } from '../content/verify-content.ts';
import type { LayoutWriter } from '../layout/layout-writer.ts';
import { createLayout } from '../layout/write-layout.ts';
import { readEverything } from '../testing/check-layout.ts';
import { runPeer } from '../testing/run-peer.ts';
import { peer } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createSampleGraph, SAMPLE_KEY_ANNOTATION, SAMPLE_TAG } from './sample-graph.ts';

const { signal } = new AbortController();

async function newStore(
  name = 'store',
): Promise<{ readonly folder: string; readonly layout: string; readonly writer: LayoutWriter }> {
  const folder = await temporaryFolder();
  const layout = path.join(folder, name);
  return { folder, layout, writer: await createLayout(layout) };
}

async function read(writer: LayoutWriter, digest: Digest): Promise<ParsedManifest> {
  const { bytes, descriptor } = await writer.target.fetchManifest(digest, { signal });
  const parsed = parseManifest(bytes, descriptor.mediaType);
  expect(parsed.problems).toEqual([]);
  return parsed;
}

async function referrersOf(writer: LayoutWriter, digest: Digest): Promise<readonly Descriptor[]> {
  const answer = await writer.target.referrers!.list(digest, { signal });
  if (answer.outcome !== 'listed') throw new Error(answer.reason);
  expect(answer.failures).toBeUndefined();
  return answer.referrers;
}

const blob = (writer: LayoutWriter, descriptor: Descriptor): Promise<Uint8Array> =>
  readAll(writer.target.readBlob(descriptor, { signal }), 1024 * 1024);
const json = async (writer: LayoutWriter, descriptor: Descriptor): Promise<unknown> =>
  JSON.parse(Buffer.from(await blob(writer, descriptor)).toString());
const ofType = (descriptors: readonly Descriptor[], type: string): Descriptor =>
  descriptors.find(({ artifactType }) => artifactType === type)!;

describe('createSampleGraph', () => {
  it('makes an image for two platforms with SBOM, signature, report on the SBOM, and signature of the report', async () => {
    const { layout, writer } = await newStore();
    const { tag, digest } = await createSampleGraph(writer);
    expect(tag).toBe(SAMPLE_TAG);
    const index = (await read(writer, digest)) as IndexDocument;
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const child of index.manifests) {
      const image = (await read(writer, child.digest)) as ManifestDocument;
      const config = (await json(writer, image.config!)) as {
        architecture: string;
        rootfs: { diff_ids: readonly string[] };
        history: readonly object[];
      };
      expect(config.architecture).toBe(child.platform?.architecture);
      expect(config.history).toHaveLength(4);
      const unpacked = await Promise.all(
        image.layers.map(async (layer) => digestOf(gunzipSync(await blob(writer, layer)))),
      );
      expect(config.rootfs.diff_ids).toEqual(unpacked);
    }

    const aboutImage = await referrersOf(writer, digest);
    expect(aboutImage.map(({ artifactType }) => artifactType).sort()).toEqual(
      [MEDIA_TYPES.spdxJson, MEDIA_TYPES.sigstoreBundle].sort(),
    );
    const sbom = ofType(aboutImage, MEDIA_TYPES.spdxJson);
    expect(
      await json(writer, ((await read(writer, sbom.digest)) as ManifestDocument).layers[0]!),
    ).toMatchObject({ spdxVersion: 'SPDX-2.3' });
    const aboutSbom = await referrersOf(writer, sbom.digest);
    expect(aboutSbom.map(({ artifactType }) => artifactType)).toEqual([MEDIA_TYPES.sarif]);
    expect(
      await json(writer, ((await read(writer, aboutSbom[0]!.digest)) as ManifestDocument).layers[0]!),
    ).toMatchObject({ version: '2.1.0' });
    const aboutReport = await referrersOf(writer, aboutSbom[0]!.digest);
    expect(aboutReport.map(({ artifactType }) => artifactType)).toEqual([MEDIA_TYPES.sigstoreBundle]);
    expect(await referrersOf(writer, aboutReport[0]!.digest)).toEqual([]);

    const names = await readEverything(layout);
    expect([...names.keys()].filter((name) => !name.startsWith('sha256-'))).toEqual([SAMPLE_TAG]);
    await writer.close();
  });

  it('signs really: the bundles verify with the key and name what they are attached to', async () => {
    const { writer } = await newStore();
    const { digest } = await createSampleGraph(writer);
    const sbom = ofType(await referrersOf(writer, digest), MEDIA_TYPES.spdxJson);
    const [report] = await referrersOf(writer, sbom.digest);
    for (const subject of [digest, report!.digest]) {
      const signature = (await read(
        writer,
        ofType(await referrersOf(writer, subject), MEDIA_TYPES.sigstoreBundle).digest,
      )) as ManifestDocument;
      const bundle = (await json(writer, signature.layers[0]!)) as {
        dsseEnvelope: { payload: string; payloadType: string; signatures: readonly { sig: string }[] };
      };
      const { payload, payloadType, signatures } = bundle.dsseEnvelope;
      const bytes = Buffer.from(payload, 'base64');
      const signed = Buffer.concat([
        Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.byteLength} `),
        bytes,
      ]);
      const key = createPublicKey(signature.annotations[SAMPLE_KEY_ANNOTATION]!);
      expect(verify('sha256', signed, key, Buffer.from(signatures[0]!.sig, 'base64'))).toBe(true);
      expect(JSON.parse(bytes.toString())).toMatchObject({
        subject: [{ digest: { sha256: subject.slice('sha256:'.length) } }],
      });
    }
    await writer.close();
  });

  it('finds the sample when it is there, and makes it whole again when a part is gone', async () => {
    const { layout, writer } = await newStore();
    const first = await createSampleGraph(writer);
    const before = await readEverything(layout);
    expect(await createSampleGraph(writer)).toEqual(first);
    expect(await readEverything(layout)).toEqual(before);

    const [child] = ((await read(writer, first.digest)) as IndexDocument).manifests;
    const [layer] = ((await read(writer, child!.digest)) as ManifestDocument).layers;
    await rm(path.join(layout, 'blobs', ...layer!.digest.split(':')));
    const again = await createSampleGraph(writer);
    expect(again.tag).toBe(SAMPLE_TAG);
    expect((await readEverything(layout)).get(SAMPLE_TAG)).toBe(again.digest);
    await writer.close();
  });

  it('takes no name away from something else', async () => {
    const { writer } = await newStore();
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] }),
    );
    await writer.putManifests([{ bytes, mediaType: MEDIA_TYPES.index, name: SAMPLE_TAG }], { signal });
    await expect(createSampleGraph(writer)).rejects.toMatchObject({ code: 'CONFLICT' });
    await writer.close();
  });

  const [oras, regctl, cosign, olareg] = ['oras', 'regctl', 'cosign', 'olareg'].map(peer);
  it.skipIf(oras === undefined || regctl === undefined)(
    'is read whole by oras and by regctl (skipped without them in TALLYMAN_PEERS)',
    async () => {
      const { folder, layout, writer } = await newStore();
      const { digest } = await createSampleGraph(writer);
      await writer.close();
      const discovered = await runPeer(
        oras!,
        ['discover', '--oci-layout', '--format', 'json', `${layout}:${SAMPLE_TAG}`],
        { folder },
      );
      const tree = await runPeer(
        regctl!,
        ['artifact', 'tree', '--format', '{{json .}}', `ocidir://${layout}:${SAMPLE_TAG}`],
        { folder },
      );
      const types = (text: string): string[] =>
        [...text.matchAll(/"artifactType": ?"([^"]+)"/g)].map(([, type]) => type!);
      expect(types(discovered).sort()).toEqual(
        [
          MEDIA_TYPES.sarif,
          MEDIA_TYPES.spdxJson,
          MEDIA_TYPES.sigstoreBundle,
          MEDIA_TYPES.sigstoreBundle,
        ].sort(),
      );
      expect(new Set(types(tree))).toEqual(
        new Set([MEDIA_TYPES.sarif, MEDIA_TYPES.spdxJson, MEDIA_TYPES.sigstoreBundle]),
      );
      expect(JSON.parse(discovered)).toMatchObject({ digest });
    },
  );

  it.skipIf(cosign === undefined || olareg === undefined)(
    'is verified by cosign when olareg serves it (skipped without them in TALLYMAN_PEERS)',
    async () => {
      const { folder, writer } = await newStore('hello');
      const { digest } = await createSampleGraph(writer);
      const signature = await read(
        writer,
        ofType(await referrersOf(writer, digest), MEDIA_TYPES.sigstoreBundle).digest,
      );
      await writeFile(path.join(folder, 'key.pub'), signature.annotations[SAMPLE_KEY_ANNOTATION]!);
      await writer.close();
      const port = await freePort();
      const registry = spawn(olareg!, ['serve', '--dir', folder, '--port', String(port)], {
        stdio: 'ignore',
      });
      onTestFinished(() => void registry.kill());
      await untilListening(port);
      const verified = await runPeer(
        cosign!,
        [
          'verify',
          '--key',
          'key.pub',
          '--insecure-ignore-tlog=true',
          '--allow-http-registry',
          `localhost:${port}/hello:${SAMPLE_TAG}`,
        ],
        { folder },
      );
      expect(verified).toContain(digest);
    },
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(`http://localhost:${port}/v2/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error('olareg does not answer');
}
