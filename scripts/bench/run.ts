import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peer } from '../../main/testing/surroundings.ts';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { copyOfImages } from './copy-of-images.ts';
import { copyOfReferrers } from './copy-of-referrers.ts';
import { graphOfReferrers } from './graph-of-referrers.ts';
import { ingest } from './ingest.ts';
import { largeGraph } from './large-graph.ts';
import { manyTags } from './many-tags.ts';
import { formatTable } from './print-table.ts';
import { pull, push } from './push-and-pull.ts';
import { rendererSize } from './renderer-size.ts';
import { serverMemory } from './server-memory.ts';
import { serverThroughput } from './server-throughput.ts';
import { windowStart } from './window-start.ts';

const BENCHMARKS: readonly Benchmark[] = [
  graphOfReferrers,
  copyOfReferrers,
  copyOfImages,
  manyTags,
  largeGraph,
  windowStart,
  rendererSize,
  ingest,
  serverThroughput,
  push,
  pull,
  serverMemory,
];

/** Runs the named benchmarks (all without names) one after the other and prints the table. Answers the exit code. */
export async function runBenchmarks(options: {
  readonly root: string;
  readonly names: readonly string[];
  readonly browser: string;
  readonly electron: string | undefined;
}): Promise<number> {
  const unknown = options.names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    say(
      `bench: no benchmark ${unknown.join(', ')}. There are: ${BENCHMARKS.map(({ name }) => name).join(', ')}.`,
    );
    return 2;
  }
  const work = await mkdtemp(path.join(tmpdir(), 'tallyman-bench-'));
  const rows: BenchmarkRow[] = [];
  try {
    for (const benchmark of BENCHMARKS) {
      if (options.names.length > 0 && !options.names.includes(benchmark.name)) continue;
      say(`bench: ${benchmark.name} …`);
      rows.push(
        ...(await benchmark.run({
          root: options.root,
          work,
          peer,
          browser: options.browser,
          electron: options.electron,
        })),
      );
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  process.stdout.write(`${formatTable(rows)}\n`);
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
