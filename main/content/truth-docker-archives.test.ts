import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseImageConfig } from '../../shared/oci/image-config.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { recognise } from '../artifacts/recognise.ts';
import { openLayout } from '../layout/open-layout.ts';
import { fixtures } from '../testing/surroundings.ts';
import type { Target, TargetEntry } from './target.ts';
import { readAll } from './verify-content.ts';
import { walkGraph } from './walk-graph.ts';

interface TrueImage {
  readonly imageId: string;
  readonly configSize: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly historyEntries?: number;
  /** Bottom first. */
  readonly layers: readonly {
    readonly size: number;
    readonly diffId: string;
    readonly compression: string;
  }[];
}

/** The parts of a truth file of a docker archive (fixtures/oci/README.md). */
interface DockerTruth {
  readonly format: string;
  readonly images: readonly (TrueImage & { readonly repoTags: readonly string[] | null })[];
  /** Of the oldest form: the layers of each name, topmost first. */
  readonly legacyChains?: Readonly<Record<string, readonly { readonly layerBytes: number }[]>>;
}

interface DockerArchive {
  readonly name: string;
  readonly file: string;
  readonly truth: DockerTruth;
}

const { signal } = new AbortController();
const corpus = fixtures();
const archives = corpus === undefined ? [] : await readArchives(path.join(corpus, 'oci'));

async function readArchives(folder: string): Promise<readonly DockerArchive[]> {
  const found: DockerArchive[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const name = /^(.*)\.docker\.tar(?:\.gz)?$/.exec(file)?.[1];
    if (name === undefined) continue;
    const truth = JSON.parse(await readFile(path.join(folder, `${name}.truth.json`), 'utf8')) as DockerTruth;
    if (truth.format === 'docker-archive') found.push({ name, file: path.join(folder, file), truth });
  }
  return found;
}

async function entriesOf(target: Target): Promise<readonly TargetEntry[]> {
  const entries: TargetEntry[] = [];
  for await (const page of target.listEntries!({ signal })) entries.push(...page);
  return entries;
}

/** What both sides say of an image. */
function factsOf({ imageId, configSize, platform, historyEntries, layers }: TrueImage): TrueImage {
  return {
    imageId,
    configSize,
    ...(platform === undefined ? {} : { platform }),
    ...(historyEntries === undefined ? {} : { historyEntries }),
    layers: layers.map(({ size, diffId, compression }) => ({ size, diffId, compression })),
  };
}

/** What a name or digest leads to, in the words of the truth file. */
async function imageBehind(target: Target, reference: string): Promise<TrueImage> {
  const { bytes, descriptor } = await target.fetchManifest(reference, { signal });
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.form !== 'manifest' || manifest.config === undefined) throw new Error('no image');
  const config = parseImageConfig(await readAll(target.readBlob(manifest.config, { signal }), 1e6));
  const layers = [];
  for (const layer of manifest.layers) {
    const content = await readAll(target.readBlob(layer, { signal }), 1e7);
    const isPacked = content[0] === 0x1f && content[1] === 0x8b;
    const tar = isPacked ? gunzipSync(content) : content;
    const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    layers.push({ size: layer.size, diffId, compression: isPacked ? 'gzip' : 'none' });
  }
  expect(layers.map(({ diffId }) => diffId)).toEqual(config.diffIds);
  return {
    imageId: manifest.config.digest,
    configSize: manifest.config.size,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    historyEntries: config.history.length,
    layers,
  };
}

describe.skipIf(corpus === undefined)(
  'docker archives by real tools (skipped where TALLYMAN_FIXTURES names none)',
  () => {
    it('are looked at in a corpus that is there', () => {
      expect(archives.length).toBeGreaterThan(0);
    });

    it.each(archives)(
      '$name: its images, names, configs and layers are those of its truth file',
      async ({ file, truth }) => {
        const layout = await openLayout(file, { signal });
        try {
          const entries = await entriesOf(layout.target);
          const names = truth.images.flatMap(({ repoTags }) => repoTags ?? []);
          const chains = Object.entries(truth.legacyChains ?? {});
          expect(entries.flatMap(({ tag }) => tag ?? []).sort()).toEqual(
            [...names, ...chains.map(([name]) => name)].sort(),
          );
          const unnamed = truth.images.filter(({ repoTags }) => (repoTags ?? []).length === 0);
          expect(entries.filter(({ tag }) => tag === undefined)).toHaveLength(unnamed.length);

          for (const image of truth.images) {
            const names = image.repoTags ?? [];
            const digests = entries
              .filter(({ tag }) => (tag === undefined ? names.length === 0 : names.includes(tag)))
              .flatMap(({ descriptor }) => descriptor?.digest ?? []);
            const images = await Promise.all(
              [...names, ...digests].map((reference) => imageBehind(layout.target, reference)),
            );
            const found = images.filter(({ imageId }) => imageId === image.imageId);
            expect(found.length).toBeGreaterThan(0);
            if (names.length > 0) expect(found).toHaveLength(images.length);
            for (const each of found) expect(each).toEqual(factsOf(image));
          }
          for (const [name, chain] of chains) {
            const image = await imageBehind(layout.target, name);
            expect(image.layers.map(({ size }) => size)).toEqual(
              chain.map(({ layerBytes }) => layerBytes).reverse(),
            );
          }
        } finally {
          await layout.close();
        }
      },
    );

    it.each(archives)('$name: its graph is whole, and the same at each opening', async ({ file }) => {
      const walk = async (): Promise<readonly string[]> => {
        const layout = await openLayout(file, { signal });
        try {
          const graph = await walkGraph({ target: layout.target, recognise, signal });
          expect(graph.nodes.map(({ state }) => state).filter((state) => state !== 'ok')).toEqual([]);
          expect(graph.nodes.filter(({ kind }) => kind === 'image').map(({ digest }) => digest)).toEqual(
            expect.arrayContaining([...graph.roots]),
          );
          return graph.roots;
        } finally {
          await layout.close();
        }
      };
      expect(await walk()).toEqual(await walk());
    });
  },
);
