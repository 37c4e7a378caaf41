import fs from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { localDisk } from './local-disk.ts';
import { StepThreads } from './step-threads.ts';
import { stepsTogether } from './steps-together.ts';

const bytes = Buffer.from('some content');

/** The real calls, of which one fails when the test says so; each is noted with the last part of its path. */
function recorded(fails?: string): { readonly calls: string[]; readonly files: typeof fs } {
  const calls: string[] = [];
  const names = new Map<number, string>();
  const files = new Proxy(fs, {
    get(target, name: keyof typeof fs) {
      const value: unknown = target[name];
      if (typeof value !== 'function') return value;
      return (...words: unknown[]): unknown => {
        const [first] = words;
        const call = `${name} ${typeof first === 'number' ? (names.get(first) ?? '') : path.basename(String(first))}`;
        calls.push(call);
        if (call === fails) throw Object.assign(new Error('made to fail'), { code: 'EIO' });
        const result = (value as (...all: unknown[]) => unknown)(...words);
        if (name === 'openSync') names.set(result as number, path.basename(String(first)));
        return result;
      };
    },
  });
  return { calls, files };
}

async function storeJob(): Promise<{
  readonly folder: string;
  readonly job: Parameters<ReturnType<typeof stepsTogether>['storeFile']>[0];
}> {
  const folder = await temporaryFolder();
  const [temporary, final, beside] = ['temporary', 'final', 'beside'].map((name) => path.join(folder, name));
  return {
    folder,
    job: { temporary: temporary!, final: final!, beside: beside!, bytes, permissions: 0o444 },
  };
}

describe('storeFile', () => {
  it('gives a file its name only when its bytes are on the disk', async () => {
    const { folder, job } = await storeJob();
    const { calls, files } = recorded();
    expect(stepsTogether(files).storeFile(job)).toBe('stored');
    expect(calls).toEqual([
      'lstatSync final',
      'openSync beside',
      'closeSync beside',
      'openSync temporary',
      'writeSync temporary',
      'fsyncSync temporary',
      'fstatSync temporary',
      'closeSync temporary',
      'renameSync temporary',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['beside', 'final']);
    expect(await readFile(job.final)).toEqual(bytes);
    expect((await stat(job.final)).mode & 0o777).toBe(0o444);
  });

  it.each(['writeSync temporary', 'fsyncSync temporary', 'closeSync temporary', 'renameSync temporary'])(
    'leaves nothing of the file when %s fails',
    async (call) => {
      const { folder, job } = await storeJob();
      expect(() => stepsTogether(recorded(call).files).storeFile(job)).toThrow('made to fail');
      expect(await readdir(folder)).toEqual(['beside']);
    },
  );

  it('does nothing where something is, whatever it is', async () => {
    const { folder, job } = await storeJob();
    await symlink('nowhere', job.final);
    expect(stepsTogether(fs).storeFile(job)).toBe('there');
    expect(await readdir(folder)).toEqual(['final']);
  });

  it('writes all of it although each call takes a part only, and fails when one takes nothing', async () => {
    const { job } = await storeJob();
    const few = (count: number): typeof fs =>
      new Proxy(fs, {
        get: (target, name: keyof typeof fs) =>
          name === 'writeSync'
            ? (file: number, all: Uint8Array, from: number, _length: number, position: number) =>
                count === 0 ? 0 : target.writeSync(file, all, from, count, position)
            : target[name],
      });
    expect(() => stepsTogether(few(0)).storeFile(job)).toThrow('no bytes');
    expect(stepsTogether(few(1)).storeFile(job)).toBe('stored');
    expect(await readFile(job.final)).toEqual(bytes);
  });
});

describe('readFile', () => {
  it('reads small files, and says how large others are', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'file');
    await writeFile(file, bytes);
    const steps = stepsTogether(fs);
    const job = { file, parents: [folder] };
    expect(steps.readFile({ ...job, limit: bytes.byteLength })).toEqual({
      state: 'found',
      kind: 'file',
      size: bytes.byteLength,
      bytes: new Uint8Array(bytes),
    });
    expect(steps.readFile({ ...job, limit: 3 })).toEqual({ state: 'found', kind: 'file', size: 12 });
    expect(steps.readFile({ file: folder, parents: [], limit: 9 })).toMatchObject({ kind: 'folder' });
    expect(steps.readFile({ file: `${file}2`, parents: [], limit: 9 })).toEqual({ state: 'missing' });
    expect(steps.readFile({ file: path.join(file, 'x'), parents: [], limit: 9 })).toEqual({
      state: 'missing',
    });
  });

  it('follows no link, neither of the file nor of a folder above it', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'real'));
    await writeFile(path.join(folder, 'real', 'file'), bytes);
    await symlink('real', path.join(folder, 'linked'));
    await symlink('file', path.join(folder, 'real', 'link'));
    const { calls, files } = recorded();
    const steps = stepsTogether(files);
    const parents = [folder, path.join(folder, 'linked')];
    expect(steps.readFile({ file: path.join(folder, 'linked', 'file'), parents, limit: 99 })).toEqual({
      state: 'behind-link',
      parent: 1,
    });
    expect(steps.look({ file: path.join(folder, 'real', 'link'), parents: [folder] })).toMatchObject({
      kind: 'symbolic-link',
    });
    expect(steps.readFile({ file: path.join(folder, 'real', 'link'), parents: [folder], limit: 99 })).toEqual(
      { state: 'found', kind: 'symbolic-link', size: 4 },
    );
    expect(calls.filter((call) => call.startsWith('open'))).toEqual([]);
  });
});

describe('StepThreads', () => {
  it('do many jobs at once, each with its own answer or error', async () => {
    const folder = await temporaryFolder();
    const threads = new StepThreads();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, number) => {
        const name = path.join(folder, String(number));
        const missing = path.join(folder, 'missing', String(number));
        return number % 3 === 0
          ? threads.run('makeEmptyFile', { file: missing }).catch((error: unknown) => error)
          : threads.run('storeFile', {
              temporary: `${name}.new`,
              final: name,
              bytes: Buffer.from(String(number)),
              permissions: 0o600,
            });
      }),
    );
    for (const [number, answer] of answers.entries()) {
      if (number % 3 === 0) expect(answer).toMatchObject({ code: 'ENOENT' });
      else expect(answer).toBe('stored');
    }
    expect(await readdir(folder)).toHaveLength(40);
    const last = await threads.run('readFile', { file: path.join(folder, '59'), parents: [], limit: 100 });
    expect(last).toMatchObject({ bytes: new Uint8Array(Buffer.from('59')) });
  });

  it('tell what is wrong with a job that is none, and go on', async () => {
    const threads = new StepThreads();
    await expect(threads.run('look', { file: 3 as unknown as string, parents: [] })).rejects.toThrow('path');
    expect(await threads.run('look', { file: '/', parents: [] })).toMatchObject({ kind: 'folder' });
  });
});

describe.skipIf(process.platform === 'win32')('localDisk', () => {
  it('waits for folders, and fails for those that are not there', async () => {
    const folder = await temporaryFolder();
    await localDisk.syncFolder(folder);
    await expect(localDisk.syncFolder(path.join(folder, 'missing'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await localDisk.together?.makeEmptyFile({ file: path.join(folder, 'empty') });
    await localDisk.together?.makeEmptyFile({ file: path.join(folder, 'empty') });
    expect(await readdir(folder)).toEqual(['empty']);
  });
});
