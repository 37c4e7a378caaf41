import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { fixtures } from '../../testing/surroundings.ts';
import { TAR_END, tarEntry } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { planArtifact } from '../push/plan-artifact.ts';
import { recognise } from '../recognise.ts';
import { readJsonHead } from './json-head.ts';
import { proposeFile, type ProposedFile } from './propose-file.ts';

const { signal } = new AbortController();

async function propose(name: string, content: string | Uint8Array): Promise<ProposedFile> {
  const file = path.join(await temporaryFolder(), name);
  await writeFile(file, content);
  return proposeFile(file, { signal });
}

/** Kinds of the corpus (fixtures/documents/README.md) and what is proposed for them. */
const EXPECTED: Readonly<Record<string, string>> = {
  'attestation dsse': 'attestation application/vnd.dsse.envelope.v1+json',
  'attestation not-json': 'other application/json',
  'attestation sigstore-bundle': 'sigstore-bundle application/vnd.dev.sigstore.bundle.v0.3+json',
  'attestation statement': 'attestation application/vnd.in-toto+json',
  'helm-chart helm-chart': 'helm-chart application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  'helm-provenance helm-prov': 'helm-chart application/vnd.cncf.helm.chart.provenance.v1.prov',
  'sarif sarif': 'sarif application/sarif+json',
  'sbom cdx-json': 'sbom-cyclonedx application/vnd.cyclonedx+json',
  'sbom cdx-xml': 'sbom-cyclonedx application/vnd.cyclonedx+xml',
  'sbom spdx-json': 'sbom-spdx application/spdx+json',
  'sbom spdx-tag-value': 'sbom-spdx text/spdx',
  'sbom spdx3-jsonld': 'sbom-spdx application/spdx+json',
  'vex cdx-json': 'sbom-cyclonedx application/vnd.cyclonedx+json',
  'wasm wasm-component': 'wasm application/wasm',
  'wasm wasm-module': 'wasm application/wasm',
};

describe.skipIf(fixtures() === undefined)('what is proposed for real files', () => {
  it('is right for every document of the corpus', async () => {
    const folder = path.join(fixtures()!, 'documents');
    const manifest = JSON.parse(await readFile(path.join(folder, 'MANIFEST.json'), 'utf8')) as unknown;
    const documents = (isJsonObject(manifest) ? field(manifest, 'documents') : manifest) as readonly {
      readonly file: string;
      readonly kind: string;
      readonly format: string;
    }[];
    let count = 0;
    for (const { file, kind, format } of documents) {
      const expected = EXPECTED[`${kind} ${format}`];
      if (expected === undefined || file.endsWith('.gz')) continue;
      const proposal = await proposeFile(path.join(folder, file), { signal });
      expect(`${file}: ${proposal.kind} ${proposal.mediaType}`).toBe(`${file}: ${expected}`);
      count += 1;
    }
    expect(count).toBeGreaterThan(50);
  });

  it('is an import for every archive that holds images, and for the folder of a layout', async () => {
    const folder = path.join(fixtures()!, 'oci');
    for (const name of await readdir(folder)) {
      if (!/\.(?:oci|docker)\.tar(?:\.gz)?$|\.docker\.tar\.gz$|\.layout$/.test(name)) continue;
      const { kind, action } = await proposeFile(path.join(folder, name), { signal });
      expect(`${name} ${kind} ${action}`).toBe(`${name} archive import`);
    }
  });

  it('is what the graph will say of it when it is pushed as proposed', async () => {
    const folder = path.join(fixtures()!, 'documents');
    for (const file of [
      'wasm/component.wasm',
      'wasm/core-names.wasm',
      'charts/boats-0.1.0.tgz',
      'sbom/syft-web-api.cdx-1.6.json',
      'sbom/spdx-examples-example2-bin.spdx',
      'sarif/bandit-none.sarif',
      'attestations/cosign-spdx.sigstore.json',
      'attestations/cosign-vuln.dsse.json',
    ]) {
      const {
        kind,
        title,
        mediaType,
        artifactType,
        configMediaType,
        path: place,
      } = await proposeFile(path.join(folder, file), { signal });
      const plan = await planArtifact(
        {
          files: [{ path: place, title, mediaType }],
          ...(artifactType === undefined ? {} : { artifactType }),
          ...(configMediaType === undefined ? {} : { config: { mediaType: configMediaType } }),
        },
        { signal },
      );
      expect(recognise(parseManifest(plan.manifest.bytes)).kind).toBe(kind);
      await plan.close();
    }
  });
});

describe('what is proposed', () => {
  it('is made from the content, not from the name', async () => {
    expect(await propose('sbom.txt', '{"bomFormat":"CycloneDX"}')).toMatchObject({
      kind: 'sbom-cyclonedx',
      action: 'push',
    });
    expect(await propose('x.spdx.json', '{"hello":"world"}')).toMatchObject({
      kind: 'other',
      mediaType: 'application/json',
    });
    expect(await propose('x.sarif', 'text')).toMatchObject({
      kind: 'other',
      mediaType: 'application/octet-stream',
    });
    expect(await propose('x.md', '# text')).toMatchObject({ kind: 'other', mediaType: 'text/markdown' });
    expect(await propose('empty', '')).toMatchObject({ kind: 'other', size: 0 });
  });

  it('sees what decides behind a long text, and is not misled by what lies deeper', async () => {
    const payload = 'A'.repeat(200_000);
    const envelope = `{"payload":"${payload}","signatures":[],"payloadType":"application/vnd.in-toto+json"}`;
    expect(await propose('a.json', envelope)).toMatchObject({ kind: 'attestation' });
    expect(
      await propose('a.json', '{"inner":{"bomFormat":"CycloneDX"},"list":["bomFormat"],"bomFormat":1}'),
    ).toMatchObject({ kind: 'other' });
    expect(await propose('a.json', `${envelope.slice(0, -1)},"payload":"x"}`)).toMatchObject({
      kind: 'other',
    });
    expect(await propose('a.json', '{"__proto__":{"bomFormat":"CycloneDX"}}')).toMatchObject({
      kind: 'other',
    });
  });

  it('is a file like any other for archives that hold nothing known, or are damaged', async () => {
    const archive = Buffer.concat([tarEntry({ name: 'a' }, 'a'), TAR_END]);
    expect(await propose('a.tar', archive)).toMatchObject({ kind: 'other', mediaType: 'application/x-tar' });
    expect(await propose('a.tgz', gzipSync(archive))).toMatchObject({
      kind: 'other',
      mediaType: 'application/gzip',
    });
    expect(await propose('a.tgz', gzipSync(archive).subarray(0, 40))).toMatchObject({ kind: 'other' });
    const chart = Buffer.concat([tarEntry({ name: 'x/Chart.yaml' }, 'no: chart'), TAR_END]);
    expect(await propose('a.tgz', gzipSync(chart))).toMatchObject({
      kind: 'other',
      mediaType: 'application/gzip',
    });
  });

  it('is a tar.gz for a folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'tree'));
    expect(await proposeFile(path.join(folder, 'tree'), { signal })).toEqual({
      path: path.join(folder, 'tree'),
      title: 'tree',
      isFolder: true,
      size: 0,
      kind: 'other',
      action: 'push',
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    });
    await expect(proposeFile(path.join(folder, 'gone'), { signal })).rejects.toMatchObject({
      code: 'UNREADABLE',
    });
  });

  it('finds in the beginning of JSON what JSON.parse finds on its first level', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        const text = JSON.stringify(document);
        const parsed = Object.entries(JSON.parse(text) as Record<string, unknown>);
        expect([...readJsonHead(text)!]).toEqual(
          parsed.map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
        );
        for (let end = 1; end < text.length; end += 7)
          for (const [name, value] of readJsonHead(text.slice(0, end)) ?? []) {
            const whole = parsed.find(([each]) => each === name)?.[1];
            if (value !== undefined) expect(value).toBe(whole);
          }
      }),
    );
  });
});
