import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { middle, type Benchmark } from './benchmark.ts';
import { end, launchBrowser, startHost } from './window.ts';
import { startElectronOnce } from './start-electron-once.ts';

const RUNS = 3;
const GOAL = 1500;

/**
 * From the start command on a built tree to a window that takes a key press. The peer is the same shell around an empty
 * page: what Electron itself costs on this machine. For the browser host only our own part is counted, not the browser's.
 */
export const windowStart: Benchmark = {
  name: 'start',
  async run({ root, work, browser, electron }) {
    const rows = [];
    if (electron !== undefined) {
      const ours: number[] = [];
      const bare: number[] = [];
      for (let turn = 0; turn < RUNS; turn += 1) {
        ours.push(
          await startElectronOnce({ root, electron, data: await mkdtemp(path.join(work, 'start-')) }),
        );
        bare.push(
          await startElectronOnce({
            root,
            electron,
            data: await mkdtemp(path.join(work, 'bare-')),
            bare: true,
          }),
        );
      }
      const mine = middle(ours);
      rows.push({
        work: 'Electron window interactive after the start command',
        ours: mine.median,
        unit: 'ms' as const,
        peer: { name: 'Electron, empty page', figure: middle(bare).median },
        goal: { text: `within ${GOAL} ms`, met: mine.median <= GOAL },
        note: mine.note,
      });
    }
    const opened = await launchBrowser(browser);
    try {
      const figures: number[] = [];
      for (let turn = 0; turn < RUNS; turn += 1) {
        const start = performance.now();
        const host = await startHost(root, await mkdtemp(path.join(work, 'web-')));
        const page = await opened.newPage();
        await page.goto(host.address);
        await page.getByRole('tree').first().waitFor();
        figures.push(performance.now() - start);
        await page.close();
        await end(host.child);
      }
      const mine = middle(figures);
      rows.push({
        work: 'browser window interactive after the start command (browser running)',
        ours: mine.median,
        unit: 'ms' as const,
        goal: { text: `within ${GOAL} ms`, met: mine.median <= GOAL },
        note: mine.note,
      });
    } finally {
      await opened.close();
    }
    return rows;
  },
};
