import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Benchmark } from './benchmark.ts';

/** Most that a window has to load before it can be used, kB gzip (1 kB = 1,000 bytes). */
const GOAL = 200;

/** What the page loads at once: its scripts and styles and everything they import statically, gzipped. */
export const rendererSize: Benchmark = {
  name: 'renderer-size',
  async run({ root }) {
    const folder = path.join(root, 'dist/renderer');
    const page = await readFile(path.join(folder, 'index.html'), 'utf8');
    const waiting = [...page.matchAll(/(?:src|href)="(?:\.\/)?([^"]+\.(?:js|css))"/g)].map(
      (match) => match[1] ?? '',
    );
    const loaded = new Map<string, number>();
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (loaded.has(file)) continue;
      const text = await readFile(path.join(folder, file));
      loaded.set(file, gzipSync(text, { level: 9 }).length / 1000);
      if (!file.endsWith('.js')) continue;
      for (const match of text
        .toString('utf8')
        .matchAll(/(?:^|[;}\s])(?:import|export)[^'"();]*["'](\.\.?\/[^"']+\.js)["']/g)) {
        waiting.push(path.posix.join(path.posix.dirname(file), match[1] ?? ''));
      }
    }
    const total = [...loaded.values()].reduce((sum, size) => sum + size, 0);
    return [
      {
        work: 'initial renderer code, gzip',
        ours: total,
        unit: 'kB',
        goal: { text: `at most ${GOAL} kB`, met: total <= GOAL },
        note: `${loaded.size} files`,
      },
    ];
  },
};
