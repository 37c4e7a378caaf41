import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { startRealRegistry } from '../../main/testing/real-registries.ts';
import { tarHeader, TAR_END } from '../../main/testing/tar-blocks.ts';
import { middle, type Benchmark, type BenchmarkContext, type BenchmarkRow } from './benchmark.ts';
import { noise } from './content-shapes.ts';
import { runBounded, settleDisk } from './run-bounded.ts';

const ROUNDS = 3;
const MIB = 1024 * 1024;
const LAYERS = 16;
const LAYER_BYTES = 32 * MIB;

/** @param host - a registry that nobody copied to before. */
type Copy = (to: string, host: string) => readonly [program: string, words: readonly string[]];

/** One way that an image goes, by each program that goes it. Ours is first. */
interface Way {
  readonly work: string;
  readonly programs: Readonly<Record<string, Copy>>;
}

/** An image of 16 layers of 32 MiB from registry to registry and between registry and layout, whole processes, in turn. */
export const copyOfImages: Benchmark = {
  name: 'images',
  async run(context) {
    if (['skopeo', 'crane', 'registry'].some((name) => context.peer(name) === undefined)) {
      process.stderr.write('bench: images needs skopeo, crane and registry (distribution 3)\n');
      return [];
    }
    const folder = await mkdtemp(path.join(context.work, 'images-'));
    const source = await startRealRegistry('distribution-3');
    try {
      const image = `${source.host}/bench/image:v1`;
      await pushImage(context.peer('crane') ?? '', image, folder);
      const layout = path.join(folder, 'layout');
      const words = (from: string, to: string): readonly string[] => [
        path.join(context.root, 'dist/cli/run.mjs'),
        'copy',
        from,
        to,
      ];
      await runBounded(process.execPath, words(image, `${layout}:v1`), folder);
      const rows: BenchmarkRow[] = [];
      for (const way of ways(context, image, layout)) rows.push(...(await race(way, folder)));
      return rows;
    } finally {
      await source.close();
      await rm(folder, { recursive: true, force: true });
    }

    function ways({ peer, root }: BenchmarkContext, image: string, layout: string): readonly Way[] {
      const [crane, skopeo] = [peer('crane') ?? '', peer('skopeo') ?? ''];
      const ours =
        (from: string, place: (to: string, host: string) => string): Copy =>
        (to, host) => [
          process.execPath,
          [path.join(root, 'dist/cli/run.mjs'), 'copy', from, place(to, host)],
        ];
      const byskopeo =
        (from: string, place: (to: string, host: string) => string): Copy =>
        (to, host) => [
          skopeo,
          [
            'copy',
            '-q',
            '--insecure-policy',
            '--src-tls-verify=false',
            '--dest-tls-verify=false',
            from,
            place(to, host),
          ],
        ];
      const inRegistry = (to: string, host: string): string => `${host}/${to}:v1`;
      return [
        {
          work: 'image of 16 × 32 MiB, registry to registry',
          programs: {
            ours: ours(image, inRegistry),
            'skopeo copy': byskopeo(`docker://${image}`, (to, host) => `docker://${inRegistry(to, host)}`),
            'crane copy': (to, host) => [crane, ['copy', '--insecure', image, inRegistry(to, host)]],
          },
        },
        {
          work: '  registry to layout',
          programs: {
            ours: ours(image, (to) => `${path.join(layout, '..', to)}:v1`),
            'skopeo copy': byskopeo(`docker://${image}`, (to) => `oci:${path.join(layout, '..', to)}:v1`),
            'crane pull': (to) => [
              crane,
              ['pull', '--insecure', '--format', 'oci', image, path.join(layout, '..', to)],
            ],
          },
        },
        {
          work: '  layout to registry',
          programs: {
            ours: ours(`${layout}:v1`, inRegistry),
            'skopeo copy': byskopeo(`oci:${layout}:v1`, (to, host) => `docker://${inRegistry(to, host)}`),
            'crane push': (to, host) => [crane, ['push', '--insecure', layout, inRegistry(to, host)]],
          },
        },
      ];
    }
  },
};

let turns = 0;

async function race({ work, programs }: Way, folder: string): Promise<readonly BenchmarkRow[]> {
  const figures = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, copy] of Object.entries(programs)) {
      turns += 1;
      const to = `copied-${turns}`;
      // Another registry for each: skopeo remembers where it sent a blob before, and would mount it from there.
      const destination = await startRealRegistry('distribution-3');
      try {
        const [program, words] = copy(to, destination.host);
        await settleDisk();
        figures.set(name, [...(figures.get(name) ?? []), await runBounded(program, words, folder)]);
      } finally {
        await destination.close();
        await rm(path.join(folder, to), { recursive: true, force: true });
      }
    }
  }
  const ours = middle(figures.get('ours') ?? []);
  return [...figures]
    .filter(([name]) => name !== 'ours')
    .map(([name, taken], position) => {
      const figure = middle(taken).median;
      return {
        work: position === 0 ? work : '    the same',
        ours: ours.median,
        unit: 'ms' as const,
        peer: { name, figure },
        goal: { text: 'not slower', met: ours.median <= figure },
        ...(position === 0 ? { note: ours.note } : {}),
      };
    });
}

/** Pushes an image of layers that cannot be compressed further. */
async function pushImage(crane: string, reference: string, folder: string): Promise<void> {
  const layers = path.join(folder, 'layers');
  await mkdir(layers, { recursive: true });
  const words: string[] = [];
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const file = path.join(layers, `${layer}.tar.gz`);
    await pipeline(
      Readable.from(tarOfNoise(`file-${layer}`)),
      createGzip({ level: 0 }),
      createWriteStream(file),
    );
    words.push('-f', file);
  }
  await runBounded(crane, ['append', '--insecure', '--oci-empty-base', ...words, '-t', reference], folder);
  await rm(layers, { recursive: true });
}

async function* tarOfNoise(name: string): AsyncGenerator<Uint8Array> {
  yield tarHeader({ name, size: LAYER_BYTES });
  yield* noise(LAYER_BYTES);
  yield TAR_END;
}
