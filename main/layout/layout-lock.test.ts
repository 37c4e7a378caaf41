import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForChild, type ChildProgram } from '../testing/bundle-for-child.ts';
import { runChild } from '../testing/run-child.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { withLock, type LockOptions } from './layout-lock.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { systemProcesses, type ProcessIdentity, type ProcessTable } from './process-identity.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

const options = (more: Partial<LockOptions> = {}): LockOptions => ({
  fileSystem: nodeFileSystem,
  processes: systemProcesses,
  signal: new AbortController().signal,
  waitLimit: 5_000,
  ...more,
});

/** Owners of this place and boot are dead when their pid says so. */
function table(self: ProcessIdentity, dead: readonly number[]): ProcessTable {
  return {
    self: () => Promise.resolve(self),
    liveness: ({ pid }) => Promise.resolve(dead.includes(pid) ? 'dead' : 'alive'),
    machineStart: () => 0,
  };
}

describe('withLock', () => {
  let child: ChildProgram;
  beforeAll(async () => {
    child = await bundleForChild(fileURLToPath(new URL('../testing/layout-child.ts', import.meta.url)));
  });
  afterAll(() => child.remove());

  it('lets one in at a time, and leaves nothing behind', async () => {
    const folder = await temporaryFolder();
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        withLock(path.join(folder, 'lock'), options(), async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(2);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('frees the lock when the work fails', async () => {
    const lock = path.join(await temporaryFolder(), 'lock');
    await expect(withLock(lock, options(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, options(), () => Promise.resolve('again'))).toBe('again');
  });

  it('gives up with the name of the owner, and takes nothing from a process that is stopped', async () => {
    const lock = path.join(await temporaryFolder(), 'lock');
    const holder = runChild(child.file, { what: 'hold', lock });
    await holder.line('held');
    holder.process.kill('SIGSTOP');
    await expect(withLock(lock, options({ waitLimit: 400 }), () => Promise.resolve())).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`process ${holder.process.pid}`) as string,
    });
    holder.process.kill('SIGCONT');
    const waiting = withLock(lock, options(), () => Promise.resolve('mine'));
    holder.process.stdin.write('go\n');
    expect(await waiting).toBe('mine');
    expect(await holder.ended).toBe(0);
  });

  it(
    'takes the lock of a process that was killed, once, however many want it',
    async () => {
      const folder = await temporaryFolder();
      const lock = path.join(folder, 'lock');
      const holder = runChild(child.file, { what: 'hold', lock });
      await holder.line('held');
      holder.process.kill('SIGKILL');
      await holder.ended;
      let inside = 0;
      let most = 0;
      const turns = Array.from({ length: 10 }, () =>
        withLock(lock, options(), async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(3);
          inside -= 1;
        }),
      );
      await Promise.all(turns);
      expect(most).toBe(1);
      expect(await readdir(folder)).toEqual([]);
    },
    LONG,
  );

  it('takes it as well when the one who took it over died in the middle of that', async () => {
    const folder = await temporaryFolder();
    const lock = path.join(folder, 'lock');
    const identity = { pid: 1_000_001, place: 'here' };
    const dead = { ...identity, id: '00000000-0000-4000-8000-000000000001', since: 1 };
    const alsoDead = { ...identity, id: '00000000-0000-4000-8000-000000000002', since: 1 };
    for (const [name, owner] of [
      ['lock', dead],
      [`lock-takeover-${dead.id}`, alsoDead],
    ] as const) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, 'owner.json'), JSON.stringify(owner));
    }
    const processes = table({ pid: 7, place: 'here' }, [identity.pid]);
    expect(await withLock(lock, options({ processes }), () => Promise.resolve('mine'))).toBe('mine');
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes a lock that this program itself could not release when the disk failed', async () => {
    const folder = await temporaryFolder();
    const lock = path.join(folder, 'lock');
    let fails = false;
    const failing = {
      ...nodeFileSystem,
      rename: (from: string, to: string) =>
        fails
          ? Promise.reject(Object.assign(new Error('no'), { code: 'EIO' }))
          : nodeFileSystem.rename(from, to),
    };
    const work = withLock(lock, options({ fileSystem: failing }), async () => {
      fails = await Promise.resolve(true);
    });
    await expect(work).rejects.toMatchObject({ code: 'UNREADABLE', details: { errno: 'EIO' } });
    expect(await readdir(folder)).toEqual(['lock']);
    expect(await withLock(lock, options({ waitLimit: 100 }), () => Promise.resolve('mine'))).toBe('mine');
    expect(await readdir(folder)).toEqual([]);
  });

  it('never takes a lock of another machine or container', async () => {
    const folder = await temporaryFolder();
    const owner = { pid: 1, place: 'another machine', id: '00000000-0000-4000-8000-000000000001', since: 1 };
    await mkdir(path.join(folder, 'lock'));
    await writeFile(path.join(folder, 'lock', 'owner.json'), JSON.stringify(owner));
    await expect(
      withLock(path.join(folder, 'lock'), options({ waitLimit: 200 }), () => Promise.resolve()),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      hint: expect.stringContaining('.tallyman/lock') as string,
    });
  });

  it('takes a lock whose owner cannot be read, as after a power failure, after a while', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'lock'));
    await writeFile(path.join(folder, 'lock', 'owner.json'), Buffer.alloc(40));
    expect(await withLock(path.join(folder, 'lock'), options(), () => Promise.resolve('mine'))).toBe('mine');
  });

  it('notices at the fence that its lock was removed', async () => {
    const lock = path.join(await temporaryFolder(), 'lock');
    const work = withLock(lock, options(), async (held) => {
      await held.check();
      await rm(lock, { recursive: true });
      await held.check();
    });
    await expect(work).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('stops waiting when the signal is given', async () => {
    const lock = path.join(await temporaryFolder(), 'lock');
    const controller = new AbortController();
    await withLock(lock, options(), async () => {
      const waiting = withLock(lock, options({ signal: controller.signal }), () => Promise.resolve());
      setTimeout(() => controller.abort(), 20);
      await expect(waiting).rejects.toThrow('aborted');
    });
  });
});

describe('systemProcesses', () => {
  it('tells living from dead', async () => {
    const self = await systemProcesses.self();
    expect(await systemProcesses.liveness(self)).toBe('alive');
    expect(await systemProcesses.liveness({ ...self, startTime: '1' })).toBe(
      self.startTime === undefined ? 'alive' : 'dead',
    );
    expect(await systemProcesses.liveness({ ...self, bootId: 'another start' })).toBe('dead');
    expect(await systemProcesses.liveness({ ...self, pid: 2 ** 30 })).toBe('dead');
    expect(await systemProcesses.liveness({ ...self, place: 'elsewhere', pid: 2 ** 30 })).toBe('unknown');
  });
});
