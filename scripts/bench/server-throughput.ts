import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { inTurn, middle, type Benchmark, type BenchmarkContext, type BenchmarkRow } from './benchmark.ts';
import { CONTENT_SHAPES, makeContent, type ContentShape } from './content-shapes.ts';
import { runBounded, settleDisk } from './run-bounded.ts';
import { startOurs, startPeer, type ServedStore } from './served-stores.ts';

/** Each takes all servers in turn, so that whatever else the machine does meets all of them. */
const ROUNDS = 3;

const PEERS = ['olareg', 'distribution-3'] as const;
type Server = 'ours' | (typeof PEERS)[number];

/** Milliseconds of a whole `oras push` and `oras pull`. */
interface Figures {
  readonly push: number;
  readonly pull: number;
}

/**
 * `oras push` and `oras pull` against our served store and the same against olareg and distribution 3. Each push goes to an
 * empty registry, and each pull takes what was pushed a moment ago.
 */
export const serverThroughput: Benchmark = {
  name: 'server',
  async run(context) {
    const oras = context.peer('oras');
    if (
      oras === undefined ||
      context.peer('olareg') === undefined ||
      context.peer('registry') === undefined
    ) {
      process.stderr.write(
        'bench: server needs oras, olareg and registry (distribution 3) in TALLYMAN_PEERS\n',
      );
      return [];
    }
    const rows: BenchmarkRow[] = [];
    for (const shape of CONTENT_SHAPES) {
      const folder = await mkdtemp(path.join(context.work, 'content-'));
      const names = await makeContent(folder, shape);
      const rounds: Record<Server, Figures>[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const figures: Partial<Record<Server, Figures>> = {};
        for (const server of inTurn<Server>(['ours', ...PEERS], round))
          figures[server] = await pushAndPull({ context, oras, server, shape, folder, names });
        rounds.push(figures as Record<Server, Figures>);
      }
      await rm(folder, { recursive: true });
      rows.push(rowOf('push', shape, rounds), rowOf('pull', shape, rounds));
    }
    return rows;
  },
};

interface Run {
  readonly context: BenchmarkContext;
  readonly oras: string;
  readonly server: Server;
  readonly shape: ContentShape;
  /** The files that are pushed. */
  readonly folder: string;
  readonly names: readonly string[];
}

async function pushAndPull({ context, oras, server, shape, folder, names }: Run): Promise<Figures> {
  const pulled = await mkdtemp(path.join(context.work, 'pulled-'));
  const store: ServedStore = await (server === 'ours' ? startOurs(context) : startPeer(server));
  try {
    await settleDisk();
    const push = await runBounded(
      oras,
      ['push', '--plain-http', '--no-tty', `${store.host}/bench/app:v1`, ...names],
      folder,
    );
    await settleDisk();
    const pull = await runBounded(
      oras,
      ['pull', '--plain-http', '--no-tty', '-o', pulled, `${store.host}/bench/app:v1`],
      pulled,
    );
    await checkPulled(pulled, shape);
    return { push, pull };
  } finally {
    await store.close();
    await rm(pulled, { recursive: true, force: true });
  }
}

async function checkPulled(folder: string, { name, count, size }: ContentShape): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.bin'));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size));
  if (sizes.length !== count || sizes.some((each) => each !== size))
    throw new Error(`Not all of ${name} came back.`);
}

/** Beside the faster of the peers. */
function rowOf(
  what: keyof Figures,
  { name }: ContentShape,
  rounds: readonly Record<Server, Figures>[],
): BenchmarkRow {
  const figuresOf = (server: Server): readonly number[] => rounds.map((round) => round[server][what]);
  const ours = middle(figuresOf('ours'));
  const peers = PEERS.map((peer) => ({ name: peer, ...middle(figuresOf(peer)) }));
  const faster = peers.reduce((best, each) => (each.median < best.median ? each : best));
  const ratios = rounds
    .map((round) => round.ours[what] / Math.min(...PEERS.map((peer) => round[peer][what])))
    .sort((left, right) => left - right);
  const [least, most] = [ratios[0] ?? Number.NaN, ratios.at(-1) ?? Number.NaN];
  const others = peers
    .filter((each) => each !== faster)
    .map((each) => `; ${each.name} ${each.median.toFixed(0)} ms`)
    .join('');
  return {
    work: `oras ${what} of ${name}, served by us`,
    ours: ours.median,
    unit: 'ms',
    peer: { name: faster.name, figure: faster.median },
    goal: { text: 'not slower', met: ours.median <= faster.median },
    note: `${ours.note}; ratio ${least.toFixed(2)}–${most.toFixed(2)}${others}`,
  };
}
