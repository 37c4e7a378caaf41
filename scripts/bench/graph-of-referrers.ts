import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startLatencyProxy } from '../../main/testing/latency-proxy.ts';
import { startRealRegistry } from '../../main/testing/real-registries.ts';
import { middle, times, type Benchmark, type BenchmarkContext, type BenchmarkRow } from './benchmark.ts';
import { pushReferrers, REFERRERS, REFERRER_LEVELS } from './push-referrers.ts';

const run = promisify(execFile);

/** Milliseconds there and back, as to a registry on another continent. */
const ROUND_TRIP = 50;
const RUNS = 5;
const PEER_RUNS = 3;

/** The whole graph of 100 referrers over three levels behind a slow line, whole processes from start to exit. */
export const graphOfReferrers: Benchmark = {
  name: 'graph',
  async run(context) {
    const oras = context.peer('oras');
    if (oras === undefined || context.peer('olareg') === undefined) {
      throw new Error('The graph benchmark needs the peers oras and olareg (TALLYMAN_PEERS).');
    }
    const registry = await startRealRegistry('olareg');
    try {
      const digest = await pushReferrers(oras, registry.host, context.work);
      const proxy = await startLatencyProxy(registry.host, ROUND_TRIP);
      try {
        return await compare(context, oras, `${proxy.host}/bench/app`, digest);
      } finally {
        await proxy.close();
      }
    } finally {
      await registry.close();
    }
  },
};

async function compare(
  context: BenchmarkContext,
  oras: string,
  repository: string,
  digest: string,
): Promise<readonly BenchmarkRow[]> {
  const program = path.join(context.root, 'dist/cli/run.mjs');
  const reference = `${repository}:1.0.0`;
  let found = 0;
  const ours = await times(RUNS, async () => {
    const { stdout } = await run(process.execPath, [program, 'graph', reference, '--json', '--plain-http'], {
      maxBuffer: 1 << 26,
    });
    const graph = JSON.parse(stdout) as { readonly edges: readonly { readonly via: readonly string[] }[] };
    found = graph.edges.filter(({ via }) => via.includes('referrers-api')).length;
  });
  if (found !== REFERRERS) throw new Error(`The graph has ${found} referrers instead of ${REFERRERS}.`);
  const discover = await times(PEER_RUNS, async () => {
    await run(oras, ['discover', '--plain-http', '--format', 'json', `${repository}@${digest}`], {
      maxBuffer: 1 << 26,
    });
  });
  const mine = middle(ours);
  const theirs = middle(discover);
  const work = `graph of ${REFERRERS} referrers over ${REFERRER_LEVELS} levels, ${ROUND_TRIP} ms away`;
  const rows: BenchmarkRow[] = [
    {
      work,
      ours: mine.median,
      unit: 'ms',
      peer: { name: 'oras discover', figure: theirs.median },
      goal: {
        text: '8 times faster, within 700 ms',
        met: mine.median * 8 <= theirs.median && mine.median <= 700,
      },
      note: mine.note,
    },
  ];
  const regctl = context.peer('regctl');
  if (regctl !== undefined) {
    const home = path.join(context.work, 'regctl-home');
    await mkdir(home, { recursive: true });
    const host = repository.split('/')[0] ?? '';
    const environment = { ...process.env, HOME: home, REGCTL_CONFIG: path.join(home, 'config.json') };
    await run(regctl, ['registry', 'set', '--tls', 'disabled', host], { env: environment });
    const tree = middle(
      await times(PEER_RUNS, async () => {
        await run(regctl, ['artifact', 'tree', `${repository}:1.0.0`], {
          env: environment,
          maxBuffer: 1 << 26,
        });
      }),
    );
    rows.push({
      work: '  the same',
      ours: mine.median,
      unit: 'ms',
      peer: { name: 'regctl artifact tree', figure: tree.median },
    });
  }
  return rows;
}
