import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startLatencyProxy } from '../../main/testing/latency-proxy.ts';
import { startRealRegistry, type RealRegistryKind } from '../../main/testing/real-registries.ts';
import { middle, times, type Benchmark, type BenchmarkContext, type BenchmarkRow } from './benchmark.ts';
import { pushReferrers, REFERRERS, REFERRER_LEVELS } from './push-referrers.ts';

const run = promisify(execFile);

/** Milliseconds there and back, to the source as well as to the destination. */
const ROUND_TRIP = 50;
const RUNS = 5;
/** Each of theirs takes ten seconds and more, of which hardly anything depends on the machine. */
const PEER_RUNS = 1;
/** What the issue asks for. */
const TIMES_FASTER = 4;

/** With the referrers API at the destination, and without. */
const DESTINATIONS = ['olareg', 'distribution-3'] as const;

/** Copying the graph of referrers from one registry behind a slow line to another, whole processes from start to exit. */
export const copyOfReferrers: Benchmark = {
  name: 'copy',
  async run(context) {
    const oras = context.peer('oras');
    const regctl = context.peer('regctl');
    if ([oras, regctl, context.peer('olareg'), context.peer('registry')].includes(undefined)) {
      process.stderr.write('bench: copy needs oras, regctl, olareg and registry in TALLYMAN_PEERS\n');
      return [];
    }
    const source = await startRealRegistry('olareg');
    const near = await startLatencyProxy(source.host, ROUND_TRIP);
    try {
      const digest = await pushReferrers(oras ?? '', source.host, context.work);
      const rows: BenchmarkRow[] = [];
      for (const kind of DESTINATIONS)
        rows.push(...(await toRegistry(context, kind, `${near.host}/bench/app:1.0.0`, digest)));
      return rows;
    } finally {
      await near.close();
      await source.close();
    }
  },
};

async function toRegistry(
  context: BenchmarkContext,
  kind: RealRegistryKind,
  from: string,
  digest: string,
): Promise<readonly BenchmarkRow[]> {
  const registry = await startRealRegistry(kind);
  const far = await startLatencyProxy(registry.host, ROUND_TRIP);
  try {
    const copies = copiers(context, from.split('/')[0] ?? '', far.host);
    const figures: Record<string, number> = {};
    const notes: string[] = [];
    for (const [name, { runs, copy }] of Object.entries(await copies)) {
      const took = middle(await times(runs, (turn) => copy(from, `${far.host}/${name}-${turn}/app:1.0.0`)));
      const found = await countReferrers(context, `${registry.host}/${name}-0/app:1.0.0`, digest);
      if (name === 'tallyman' && found < REFERRERS)
        throw new Error(`The copy has ${found} referrers instead of ${REFERRERS}.`);
      if (found < REFERRERS) notes.push(`${name} left ${REFERRERS - found} of them out of the list`);
      figures[name] = took.median;
      if (name === 'tallyman') notes.push(took.note);
    }
    const ours = figures['tallyman'] ?? Number.NaN;
    const peers = { 'oras cp -r': figures['oras'], 'regctl image copy --referrers': figures['regctl'] };
    const best = Math.min(...Object.values(peers).map((figure) => figure ?? Number.POSITIVE_INFINITY));
    return Object.entries(peers).map(([name, figure], position) => ({
      work:
        position === 0
          ? `copy of ${REFERRERS} referrers over ${REFERRER_LEVELS} levels to ${kind}, both ${ROUND_TRIP} ms away`
          : '  the same',
      ours,
      unit: 'ms' as const,
      peer: { name, figure: figure ?? Number.NaN },
      ...(position === 0 ? { note: notes.join('; ') } : {}),
      ...(figure === best
        ? {
            goal: { text: `${TIMES_FASTER} times faster than the better`, met: ours * TIMES_FASTER <= best },
          }
        : {}),
    }));
  } finally {
    await far.close();
    await registry.close();
  }
}

interface Copier {
  readonly runs: number;
  readonly copy: (from: string, to: string) => Promise<void>;
}

async function copiers(
  context: BenchmarkContext,
  ...hosts: readonly string[]
): Promise<Readonly<Record<string, Copier>>> {
  const home = path.join(context.work, 'copy-home');
  await mkdir(home, { recursive: true });
  const env = {
    ...process.env,
    HOME: home,
    DOCKER_CONFIG: home,
    REGCTL_CONFIG: path.join(home, 'regctl.json'),
    TALLYMAN_DATA: home,
  };
  const program = path.join(context.root, 'dist/cli/run.mjs');
  const oras = context.peer('oras') ?? '';
  const regctl = context.peer('regctl') ?? '';
  const go = async (name: string, ...words: readonly string[]): Promise<void> => {
    await run(name, [...words], { env, maxBuffer: 1 << 26 });
  };
  for (const host of hosts) await go(regctl, 'registry', 'set', '--tls', 'disabled', host);
  return {
    tallyman: {
      runs: RUNS,
      copy: (from, to) =>
        go(process.execPath, program, 'copy', from, to, '--referrers', '--json', '--plain-http'),
    },
    oras: {
      runs: PEER_RUNS,
      copy: (from, to) => go(oras, 'cp', '-r', '--no-tty', '--from-plain-http', '--to-plain-http', from, to),
    },
    regctl: { runs: PEER_RUNS, copy: (from, to) => go(regctl, 'image', 'copy', '--referrers', from, to) },
  };
}

/** Referrers that are found at the copy. olareg 0.1 loses some that are pushed at the same time. */
async function countReferrers(context: BenchmarkContext, reference: string, digest: string): Promise<number> {
  const program = path.join(context.root, 'dist/cli/run.mjs');
  const { stdout } = await run(process.execPath, [program, 'graph', reference, '--json', '--plain-http'], {
    maxBuffer: 1 << 26,
  });
  const graph = JSON.parse(stdout) as {
    readonly edges: readonly { readonly from: string; readonly via: readonly string[] }[];
  };
  const found = graph.edges.filter(({ via }) => via.some((way) => WAYS_TO_REFERRERS.has(way)));
  if (!stdout.includes(digest)) throw new Error(`${reference} is not the copy of ${digest}.`);
  return new Set(found.map(({ from }) => from)).size;
}

const WAYS_TO_REFERRERS: ReadonlySet<string> = new Set(['referrers-api', 'fallback-tag']);
