import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTaskPool } from './task-pool.ts';

describe('createTaskPool', () => {
  it('runs no more tasks at once than it has places', async () => {
    const pool = createTaskPool(3, new AbortController().signal);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        pool.run(async () => {
          running += 1;
          most = Math.max(most, running);
          await pause(1);
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(pool.pending).toBe(0);
  });

  it('starts tasks in their order, those for later after all others', async () => {
    const pool = createTaskPool(1, new AbortController().signal);
    const started: string[] = [];
    const note = (name: string) => () => {
      started.push(name);
      return Promise.resolve();
    };
    await Promise.all([
      pool.run(note('a')),
      pool.run(note('z'), 'later'),
      pool.run(note('b')),
      pool.run(note('c')),
    ]);
    expect(started).toEqual(['a', 'b', 'c', 'z']);
  });

  it('keeps its order over thousands of waiting tasks', async () => {
    const pool = createTaskPool(2, new AbortController().signal);
    const started: number[] = [];
    const numbers = Array.from({ length: 5_000 }, (_, number) => number);
    await Promise.all(
      numbers.map((number) =>
        pool.run(() => {
          started.push(number);
          return Promise.resolve();
        }),
      ),
    );
    expect(started).toEqual(numbers);
  });

  it('frees the place of a task that fails, also before its first await', async () => {
    const pool = createTaskPool(1, new AbortController().signal);
    await expect(pool.run(() => Promise.reject(new Error('late')))).rejects.toThrow('late');
    const early = (): Promise<void> => {
      throw new Error('early');
    };
    await expect(pool.run(early)).rejects.toThrow('early');
    expect(await pool.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('rejects what waits when it is cancelled, and starts nothing any more', async () => {
    const controller = new AbortController();
    const pool = createTaskPool(1, controller.signal);
    let started = 0;
    const task = async (): Promise<void> => {
      started += 1;
      await pause(5);
    };
    const results = [pool.run(task), pool.run(task), pool.run(task, 'later')].map((result) =>
      result.then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    controller.abort();
    expect(await Promise.all(results)).toEqual(['done', 'CANCELLED', 'CANCELLED']);
    await expect(pool.run(task)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(started).toBe(1);
  });
});
