import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peer } from '../../main/testing/surroundings.ts';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { graphOfReferrers } from './graph-of-referrers.ts';
import { formatTable } from './print-table.ts';
import { rendererSize } from './renderer-size.ts';

const BENCHMARKS: readonly Benchmark[] = [graphOfReferrers, rendererSize];

/** Runs the named benchmarks (all without names) one after the other and prints the table. Answers the exit code. */
export async function runBenchmarks(options: {
  readonly root: string;
  readonly names: readonly string[];
}): Promise<number> {
  const unknown = options.names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    console.error(
      `bench: no benchmark ${unknown.join(', ')}. There are: ${BENCHMARKS.map(({ name }) => name).join(', ')}.`,
    );
    return 2;
  }
  const work = await mkdtemp(path.join(tmpdir(), 'tallyman-bench-'));
  const rows: BenchmarkRow[] = [];
  try {
    for (const benchmark of BENCHMARKS) {
      if (options.names.length > 0 && !options.names.includes(benchmark.name)) continue;
      console.error(`bench: ${benchmark.name} …`);
      rows.push(...(await benchmark.run({ root: options.root, work, peer })));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  console.log(formatTable(rows));
  return 0;
}
