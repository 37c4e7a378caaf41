import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Benchmark, BenchmarkContext, BenchmarkRow } from './benchmark.ts';
import { makeContent, singleFile } from './content-shapes.ts';
import { runBounded, runMeasured } from './run-bounded.ts';
import { startOurs, type OurStore } from './served-stores.ts';

const MIB = 1024 * 1024;

/** Mebibytes above what the same program needs for hardly anything. */
const GOAL = 64;

/** Sizes in GiB: `TALLYMAN_BENCH_GIB=1,8` takes the large one as well, and some minutes. */
const SIZES = (process.env['TALLYMAN_BENCH_GIB'] ?? '1').split(',').map(Number);

/** How much more memory our server, and a copy into a layout, need for a large blob than for a small one. */
export const serverMemory: Benchmark = {
  name: 'server-memory',
  async run(context) {
    const oras = context.peer('oras');
    if (oras === undefined || process.platform !== 'linux') {
      process.stderr.write(
        'bench: server-memory needs oras in TALLYMAN_PEERS, and Linux, which tells the memory\n',
      );
      return [];
    }
    const rows: BenchmarkRow[] = [];
    for (const size of SIZES) rows.push(...(await measure(context, oras, size)));
    return rows;
  },
};

async function measure(
  context: BenchmarkContext,
  oras: string,
  gibibytes: number,
): Promise<readonly BenchmarkRow[]> {
  const { root, work } = context;
  const folder = await mkdtemp(path.join(work, 'content-'));
  const small = { folder: path.join(folder, 'small'), shape: { name: 'small', count: 3, size: 3 * MIB } };
  const large = { folder: path.join(folder, 'large'), shape: singleFile(gibibytes) };
  for (const content of [small, large]) await makeContent(content.folder, content.shape);
  const push = (host: string, { folder: from, shape }: typeof small): Promise<unknown> => {
    const names = Array.from({ length: shape.count }, (_, index) => `file-${index}.bin`);
    return runBounded(oras, ['push', '--plain-http', `${host}/bench/${tagOf(shape)}`, ...names], from);
  };
  const pull = async (host: string, { shape }: typeof small): Promise<void> => {
    const to = await mkdtemp(path.join(work, 'pulled-'));
    await runBounded(oras, ['pull', '--plain-http', '-o', to, `${host}/bench/${tagOf(shape)}`], to);
    await rm(to, { recursive: true });
  };
  const copy = async (host: string, { shape }: typeof small): Promise<number> => {
    const to = await mkdtemp(path.join(work, 'layout-'));
    const source = `${host}/bench/${tagOf(shape)}`;
    const words = [path.join(root, 'dist/cli/run.mjs'), 'copy', source, `${to}/layout:v1`];
    const { peak } = await runMeasured(process.execPath, words, to);
    await rm(to, { recursive: true });
    return peak;
  };

  let store: OurStore = await startOurs(context);
  try {
    // The code of pushes and pulls is in memory before it is measured.
    await push(store.host, small);
    await pull(store.host, small);
    const pushing = await growth(store, () => push(store.host, large));
    // Another process, which has to verify what it gives.
    store = await store.restart();
    await pull(store.host, small);
    const pulling = await growth(store, () => pull(store.host, large));
    const [least, most] = [await copy(store.host, small), await copy(store.host, large)];
    return [
      row(`server while ${gibibytes} GiB is pushed`, pushing),
      row(`server while ${gibibytes} GiB is pulled`, pulling),
      row(`copy of ${gibibytes} GiB into a layout`, { above: most - least, idle: least }),
    ];
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

interface Growth {
  /** Bytes: the peak above `idle`. */
  readonly above: number;
  readonly idle: number;
}

async function growth(store: OurStore, work: () => Promise<unknown>): Promise<Growth> {
  const { now: idle } = await store.memory();
  await work();
  return { above: (await store.memory()).peak - idle, idle };
}

function row(work: string, { above, idle }: Growth): BenchmarkRow {
  return {
    work: `memory of the ${work}, above idle`,
    ours: above / MIB,
    unit: 'MiB',
    goal: { text: `at most ${GOAL} MiB`, met: above <= GOAL * MIB },
    note: `idle ${(idle / MIB).toFixed(0)} MiB`,
  };
}

function tagOf({ name }: { readonly name: string }): string {
  return `app:${name.replaceAll(' ', '-')}`;
}
