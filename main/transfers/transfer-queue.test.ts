import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyItemChanges, applyTransferChanges } from '../../shared/contract/apply-transfer-changes.ts';
import type { TransferItem, TransferJob } from '../../shared/contract/transfers.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { digestOf } from '../content/digest-of.ts';
import {
  createScriptedRunner,
  type ScriptedRequest,
  type ScriptedRunner,
} from '../testing/scripted-runner.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { HISTORY_LIMIT, RUNNING_JOBS_LIMIT, RUNNING_JOBS_PER_PLACE } from './limits.ts';
import type { JobText } from './job-runner.ts';
import { openJournal } from './transfer-journal.ts';
import { openTransferQueue, type TransferQueue } from './transfer-queue.ts';

const DIGEST = digestOf(Buffer.from('content'));

interface World {
  readonly queue: TransferQueue<ScriptedRequest>;
  readonly runner: ScriptedRunner;
  /** The jobs as a window has them that saw every change. */
  readonly seen: () => readonly TransferJob[];
  readonly seenItems: () => readonly TransferItem[];
  readonly changes: () => number;
}

async function open(folder: string): Promise<World> {
  const runner = createScriptedRunner();
  let seen: readonly TransferJob[] = [];
  let items: readonly TransferItem[] = [];
  let changes = 0;
  const queue = await openTransferQueue<ScriptedRequest>({
    journal: await openJournal(folder),
    runner,
    readRequest: (kept) => kept as ScriptedRequest,
    onChange: (change) => {
      changes += 1;
      seen = applyTransferChanges(seen, change);
      for (const each of change.changed) items = applyItemChanges(items, each.items);
    },
  });
  return { queue, runner, seen: () => seen, seenItems: () => items, changes: () => changes };
}

function text(lane: string): JobText {
  return { title: 'Copy it', from: 'a', to: 'b', lanes: [lane], command: 'oras cp a b' };
}

const states = (queue: TransferQueue<ScriptedRequest>): string[] => queue.list().map(({ state }) => state);

const add = (queue: TransferQueue<ScriptedRequest>, name: string, lane = name): Promise<TransferJob> =>
  queue.add({ kind: 'copy', name }, text(lane));

/** Waits for something that will be so. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('the transfer queue', () => {
  it('plans and runs a job, and keeps its result with the equal command line', async () => {
    const { queue, runner, seen } = await open(await temporaryFolder());
    await add(queue, 'one');
    await runner.begun(1);
    expect(queue.list()).toMatchObject([{ state: 'running', title: 'Copy it', command: 'oras cp a b' }]);
    runner.runs[0]!.end({ digest: DIGEST, sent: 3, bytesSent: 300 });
    await until(() => seen()[0]?.state === 'done');
    expect(seen()).toEqual(queue.list());
    expect(queue.list()).toMatchObject([{ state: 'done', result: { digest: DIGEST, sent: 3 } }]);
    await queue.close();
  });

  it('runs a few at once and at each place, and lets a busy place hold up nothing else', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    for (let number = 0; number < 5; number += 1) await add(queue, `a${number}`, 'registry:a');
    for (let number = 0; number < 5; number += 1) await add(queue, `b${number}`, 'registry:b');
    await runner.begun(RUNNING_JOBS_LIMIT);
    expect(runner.runs.map(({ name }) => name)).toEqual(['a0', 'a1', 'b0', 'b1']);
    expect(RUNNING_JOBS_PER_PLACE).toBe(2);
    runner.runs[2]!.end();
    await runner.begun(5);
    expect(runner.runs[4]!.name).toBe('b2');
    await queue.close();
    expect(runner.running).toBe(0);
  });

  it('goes on with the next job when one fails, and tries that again when asked', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    for (const name of ['one', 'two', 'three']) await add(queue, name, 'same');
    await runner.begun(2);
    runner.runs[0]!.fail(new TallymanError({ code: 'DENIED', message: 'No.', hint: 'Ask.' }));
    await runner.begun(3);
    expect(queue.list().map(({ state, error }) => [state, error?.code])).toEqual([
      ['running', undefined],
      ['running', undefined],
      ['failed', 'DENIED'],
    ]);
    const [, , failed] = queue.list();
    await queue.retry([failed!.id]);
    expect(states(queue)).toEqual(['waiting', 'running', 'running']);
    expect(queue.list()[0]).not.toHaveProperty('error');
    await queue.close();
  });

  it('pauses what runs and what waits, keeps what continues uploads, and goes on with that', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    for (const name of ['one', 'two', 'three']) await add(queue, name, 'same');
    await runner.begun(2);
    runner.runs[0]!.context.report.onResumable(DIGEST, 'at 5');
    await queue.pause(queue.list().map(({ id }) => id));
    expect(states(queue)).toEqual(['paused', 'paused', 'paused']);
    expect(runner.running).toBe(0);
    expect(runner.forgotten).toEqual([]);
    await queue.resume([queue.list()[0]!.id]);
    await runner.begun(3);
    expect(runner.runs[2]!.context.report.resumeOf(DIGEST)).toBe('at 5');
    expect(states(queue)).toEqual(['running', 'paused', 'paused']);
    await queue.close();
  });

  it('cancels a job, lets go of its uploads, and begins them anew when it is tried again', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    const { id } = await add(queue, 'one');
    await runner.begun(1);
    runner.runs[0]!.context.report.onResumable(DIGEST, 'at 5');
    await queue.cancel([id]);
    expect(states(queue)).toEqual(['cancelled']);
    expect(runner.running).toBe(0);
    expect(runner.forgotten).toEqual(['one at 5']);
    await queue.retry([id]);
    await runner.begun(2);
    expect(runner.runs[1]!.context.report.resumeOf(DIGEST)).toBeUndefined();
    await queue.close();
  });

  it('forgets the continuation of an upload that is done', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    const { id } = await add(queue, 'one');
    await runner.begun(1);
    const { report } = runner.runs[0]!.context;
    report.onResumable(DIGEST, 'at 5');
    report.onItem({ id: DIGEST, name: 'x', digest: DIGEST, state: 'done', done: 7, size: 7 });
    expect(report.resumeOf(DIGEST)).toBeUndefined();
    await queue.cancel([id]);
    expect(runner.forgotten).toEqual([]);
    await queue.close();
  });

  it('finds unfinished jobs interrupted after a restart, paused ones paused, and what continues them', async () => {
    const folder = await temporaryFolder();
    const before = await open(folder);
    for (const name of ['one', 'two', 'three', 'four'])
      await add(before.queue, name, name === 'four' ? 'other' : 'same');
    await before.runner.begun(3);
    before.runner.runs[0]!.context.report.onResumable(DIGEST, 'at 5');
    before.runner.runs[2]!.end({ sent: 1 });
    await until(() => before.queue.list().some(({ state }) => state === 'done'));
    await before.queue.pause([before.queue.list()[2]!.id]);
    await before.queue.close();
    expect(before.runner.running).toBe(0);

    const { queue, runner } = await open(folder);
    expect(states(queue)).toEqual(['interrupted', 'interrupted', 'paused', 'done']);
    expect(runner.runs).toEqual([]);
    await queue.resume(queue.list().map(({ id }) => id));
    await runner.begun(2);
    expect(runner.runs[0]!.context.report.resumeOf(DIGEST)).toBe('at 5');
    expect(queue.list().at(-1)).toMatchObject({ state: 'done', result: { sent: 1 } });
    await queue.close();
  });

  it('lets go of the uploads of a job that is cancelled after a restart', async () => {
    const folder = await temporaryFolder();
    const before = await open(folder);
    const { id } = await add(before.queue, 'one');
    await before.runner.begun(1);
    before.runner.runs[0]!.context.report.onResumable(DIGEST, 'at 5');
    await before.queue.close();
    const { queue, runner } = await open(folder);
    await queue.cancel([id]);
    expect(runner.forgotten).toEqual(['one at 5']);
    await queue.close();
  });

  it('clears ended jobs only, and lets go of what failed ones had begun', async () => {
    const { queue, runner, seen } = await open(await temporaryFolder());
    await add(queue, 'one');
    await add(queue, 'two');
    await runner.begun(2);
    runner.runs[0]!.context.report.onResumable(DIGEST, 'at 5');
    runner.runs[0]!.fail(new Error('broken'));
    await until(() => states(queue).includes('failed'));
    await queue.clear();
    expect(states(queue)).toEqual(['running']);
    expect(runner.forgotten).toEqual(['one at 5']);
    await until(() => seen().length === 1);
    await queue.close();
  });

  it('remembers so many ended jobs and no more', async () => {
    const { queue, runner } = await open(await temporaryFolder());
    for (let number = 0; number < HISTORY_LIMIT + 3; number += 1) {
      await add(queue, `job ${number}`);
      await runner.begun(number + 1);
      runner.runs[number]!.end();
      await until(() => runner.running === 0);
    }
    await until(() => queue.list().length === HISTORY_LIMIT);
    await queue.close();
  });

  it('tells of progress a few times a second, and a window that follows has the same as one that asks', async () => {
    const { queue, runner, seen, seenItems, changes } = await open(await temporaryFolder());
    const { id } = await add(queue, 'one');
    await runner.begun(1);
    const { report } = runner.runs[0]!.context;
    const before = changes();
    for (let done = 0; done <= 10_000; done += 1)
      report.onItem({ id: 'x', name: 'x', state: 'running', done, size: 20_000 });
    report.onItem({ id: 'y', name: 'y', state: 'present', done: 5, size: 5 });
    await until(() => seen()[0]?.bytes.done === 10_005);
    expect(changes() - before).toBeLessThan(4);
    expect(seen()[0]).toMatchObject({ bytes: { done: 10_005, total: 20_005 }, items: { done: 1, total: 2 } });
    expect(seen()[0]!.rate).toBeGreaterThan(0);
    expect(seenItems().toSorted((left, right) => left.id.localeCompare(right.id))).toEqual(
      queue.items(id).toSorted((left, right) => left.id.localeCompare(right.id)),
    );
    await queue.close();
  });

  it('belongs to one process at a time', async () => {
    const folder = path.join(await temporaryFolder(), 'transfers');
    const first = await open(folder);
    await expect(openJournal(folder)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.any(String) });
    await first.queue.close();
    await (await openJournal(folder)).close();
  });
});
