import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { inTurn, middle, type Benchmark } from './benchmark.ts';
import { makeContent, singleFile } from './content-shapes.ts';
import { runBounded, settleDisk } from './run-bounded.ts';
import { startPeer } from './served-stores.ts';

const ROUNDS = 5;

/** An artifact of 1 GiB from a local registry into a layout, whole processes from start to exit; both take turns. */
export const ingest: Benchmark = {
  name: 'ingest',
  async run({ root, work, peer }) {
    const oras = peer('oras');
    if (oras === undefined || peer('olareg') === undefined) {
      process.stderr.write('bench: ingest needs oras and olareg in TALLYMAN_PEERS\n');
      return [];
    }
    const tallyman = path.join(root, 'dist/cli/run.mjs');
    const content = await mkdtemp(path.join(work, 'content-'));
    const names = await makeContent(content, singleFile(1));
    const registry = await startPeer('olareg');
    try {
      const source = `${registry.host}/bench/app:v1`;
      await runBounded(oras, ['push', '--plain-http', '--no-tty', source, ...names], content);
      const programs = {
        ours: (folder: string) =>
          runBounded(process.execPath, [tallyman, 'copy', source, `${folder}/layout:v1`], folder),
        oras: (folder: string) =>
          runBounded(
            oras,
            ['cp', '--no-tty', '--from-plain-http', '--to-oci-layout', source, `${folder}/layout:v1`],
            folder,
          ),
      };
      const figures = { ours: [] as number[], oras: [] as number[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const name of inTurn(['ours', 'oras'] as const, round)) {
          const folder = await mkdtemp(path.join(work, 'layout-'));
          await settleDisk();
          figures[name].push(await programs[name](folder));
          await rm(folder, { recursive: true });
        }
      }
      const [ours, theirs] = [middle(figures.ours), middle(figures.oras)];
      return [
        {
          work: 'ingest of 1 GiB from a local registry into a layout',
          ours: ours.median,
          unit: 'ms',
          peer: { name: 'oras cp', figure: theirs.median },
          goal: { text: 'not slower', met: ours.median <= theirs.median },
          note: `${ours.note}; oras ${theirs.note}`,
        },
      ];
    } finally {
      await registry.close();
      await rm(content, { recursive: true });
    }
  },
};
