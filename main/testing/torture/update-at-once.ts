import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { createLayout, openLayoutForWriting } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { startChild } from '../start-child.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** The bar: 99 of 100 updates come to their turn within this time. */
const WAIT_GOAL_MS = 2_000;

/**
 * Check 34: several processes give names in one layout at once, while readers read it. Every name is there at the end, and no
 * reader ever met an index that it could not parse.
 */
export async function updateAtOnce(
  { folder, child, signal }: TortureSurroundings,
  { processes, updates }: { readonly processes: number; readonly updates: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const layout = path.join(folder, 'store');
  await (await createLayout(layout)).close();
  const running = Array.from({ length: processes }, (_, number) =>
    startChild(child, { what: 'tag', layout, prefix: `p${number}`, count: updates }),
  );
  const stop = (): void => running.forEach((each) => each.process.kill('SIGKILL'));
  signal.addEventListener('abort', stop);
  let writing = true;
  const ended = Promise.all(running.map((each) => each.ended)).finally(() => (writing = false));
  const readers = [1, 2].map(async () => {
    const reader = await openLayout(layout, { signal: new AbortController().signal });
    while (writing) {
      try {
        await reader.readIndex(new AbortController().signal);
        tally.count('reads');
      } catch (error) {
        tally.round([`a reader met ${String(error)}`]);
      }
      await sleep(3);
    }
    await reader.close();
  });
  const codes = await ended;
  await Promise.all(readers);
  signal.removeEventListener('abort', stop);
  codes.forEach((code, number) => {
    if (code !== 0) tally.round([`process ${number} ended with ${code}: ${running[number]?.errors() ?? ''}`]);
  });

  const names = await readEverything(layout);
  const waits: number[] = [];
  for (const line of running.flatMap(({ lines }) => lines)) {
    const [name = '', digest = '', time = ''] = line.split(' ');
    waits.push(Number(time));
    tally.round(names.get(name) === digest ? [] : [`${name} is lost`]);
  }
  const wanted = processes * updates;
  if (waits.length !== wanted) tally.round([`${waits.length} updates were confirmed, not ${wanted}`]);
  const slow = waits.sort((a, b) => a - b)[Math.ceil(waits.length * 0.99) - 1] ?? 0;
  tally.note('99 of 100 updates within', `${slow.toFixed(0)} ms`);
  if (slow > WAIT_GOAL_MS) tally.note('slower than the bar', `${WAIT_GOAL_MS} ms`);
  return tally.report();
}

/** Check 34, second half: a process that is stopped while it holds the lock keeps it; the others wait, or fail and say why. */
export async function stoppedHolder(
  { folder, child }: TortureSurroundings,
  { seconds, waiters }: { readonly seconds: number; readonly waiters: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const layout = path.join(folder, 'store');
  await (await createLayout(layout)).close();
  const holder = startChild(child, { what: 'hold', lock: path.join(layout, '.tallyman', 'lock') });
  try {
    await holder.line('held');
    holder.process.kill('SIGSTOP');
    const until = Date.now() + seconds * 1000;
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: waiters }, async (_, number) => {
        const writer = await openLayoutForWriting(layout, { lockWaitLimit: 500 });
        while (Date.now() < until) {
          const outcome = await writer.edit((index) => index, { signal }).catch((error: unknown) => error);
          const isConflict = outcome instanceof TallymanError && outcome.code === 'CONFLICT';
          tally.round(
            isConflict ? [] : [`waiter ${number} was answered ${String(outcome)} while the lock was held`],
          );
        }
        await writer.close();
      }),
    );
    holder.process.kill('SIGCONT');
    const writer = await openLayoutForWriting(layout);
    const waiting = writer.edit((index) => index, { signal });
    holder.process.stdin.write('go\n');
    tally.round(
      (await waiting.then(() => []).catch((error: unknown) => [`not freed: ${String(error)}`])) as string[],
    );
    await writer.close();
  } finally {
    holder.process.kill('SIGKILL');
  }
  return tally.report();
}
