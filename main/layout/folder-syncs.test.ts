import { describe, expect, it } from 'vitest';
import { faultyFileSystem } from '../testing/faulty-file-system.ts';
import { FolderSyncs } from './folder-syncs.ts';
import { nodeFileSystem } from './node-file-system.ts';

/** Waits for folders end when the test says so. */
function heldSyncs(): {
  readonly syncs: FolderSyncs;
  /** Folders of the waits that began, and how each ends. */
  readonly begun: { readonly folder: string; readonly end: (error?: Error) => void }[];
} {
  const begun: { readonly folder: string; readonly end: (error?: Error) => void }[] = [];
  const syncFolder = (folder: string): Promise<void> =>
    new Promise((resolve, reject) => {
      begun.push({ folder, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { syncs: new FolderSyncs({ ...nodeFileSystem, syncFolder }), begun };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('FolderSyncs', () => {
  it('begins at once, and lets all who come meanwhile share the next wait', async () => {
    const { syncs, begun } = heldSyncs();
    const ended: string[] = [];
    const ask = (name: string): void => void syncs.sync('/a').then(() => ended.push(name));
    ask('first');
    expect(begun).toHaveLength(1);
    // What these changed may have come too late for the wait that runs.
    ask('second');
    ask('third');
    await settled();
    expect(begun).toHaveLength(1);
    begun[0]!.end();
    await settled();
    expect(ended).toEqual(['first']);
    expect(begun).toHaveLength(2);
    ask('fourth');
    begun[1]!.end();
    await settled();
    expect(ended).toEqual(['first', 'second', 'third']);
    expect(begun).toHaveLength(3);
    begun[2]!.end();
    await settled();
    expect(ended).toEqual(['first', 'second', 'third', 'fourth']);
    ask('fifth');
    expect(begun).toHaveLength(4);
    begun[3]!.end();
  });

  it('lets no folder wait for another', () => {
    const { syncs, begun } = heldSyncs();
    void syncs.sync('/a');
    void syncs.sync('/b');
    expect(begun.map(({ folder }) => folder)).toEqual(['/a', '/b']);
  });

  it('tells everybody of a wait that failed, and nobody of another one', async () => {
    const { syncs, begun } = heldSyncs();
    const failure = new Error('EIO');
    const asked = [syncs.sync('/a'), syncs.sync('/a'), syncs.sync('/a')];
    const results = Promise.allSettled(asked);
    begun[0]!.end();
    await settled();
    begun[1]!.end(failure);
    expect(await results).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    const [next, last] = [syncs.sync('/a'), syncs.sync('/a')];
    begun[2]!.end(failure);
    await expect(next).rejects.toBe(failure);
    await settled();
    begun[3]!.end();
    await expect(last).resolves.toBeUndefined();
  });

  it('goes on after a file system that fails without waiting', async () => {
    const syncs = new FolderSyncs(faultyFileSystem(nodeFileSystem, { at: 1, errno: 'EIO' }));
    await expect(syncs.sync('/')).rejects.toMatchObject({ code: 'EIO' });
    await expect(syncs.sync('/')).resolves.toBeUndefined();
  });
});
