import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../content/digest-of.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import type { FileSystem } from '../file-system.ts';
import { nodeFileSystem } from '../node-file-system.ts';
import { layoutPaths } from '../work-folder.ts';
import { createLayout } from '../write-layout.ts';
import { OWN_REPOSITORY } from './repository-names.ts';
import { RepositoryMarks } from './repository-marks.ts';

const content = Buffer.from('content');
const digest = digestOf(content);

async function marksIn(
  fileSystem: FileSystem = nodeFileSystem,
): Promise<{ marks: RepositoryMarks; root: string }> {
  const root = path.join(await temporaryFolder(), 'store');
  const writer = await createLayout(root);
  await writer.ingest({ digest, size: content.byteLength }, content, {
    signal: new AbortController().signal,
  });
  await writer.close();
  return { marks: new RepositoryMarks({ fileSystem, paths: layoutPaths(root), place: root }), root };
}

describe('marks of repositories', () => {
  it('are one repository’s, change into each other, and are taken away', async () => {
    const { marks } = await marksIn();
    for (const repository of [OWN_REPOSITORY, 'team/app', 'team/app/sub', 'team']) {
      expect(await marks.markOf(repository, digest)).toBe('unmarked');
      await marks.mark(repository, digest, 'held');
      await marks.mark(repository, digest, 'held');
      expect(await marks.markOf(repository, digest)).toBe('held');
      await marks.mark(repository, digest, 'gone');
      expect(await marks.markOf(repository, digest)).toBe('gone');
      expect(await marks.heldBy(digest)).toEqual([]);
      await marks.mark(repository, digest, 'held');
      expect(await marks.heldBy(digest)).toEqual([repository]);
      await marks.mark(repository, digest, 'unmarked');
      await marks.mark(repository, digest, 'unmarked');
      expect(await marks.markOf(repository, digest)).toBe('unmarked');
    }
  });

  it('of content that was collected are swept away, others stay', async () => {
    const { marks, root } = await marksIn();
    const other = digestOf(Buffer.from('gone for good'));
    await marks.mark('team/app', digest, 'held');
    await marks.mark('team/app', other, 'held');
    await marks.mark(OWN_REPOSITORY, other, 'gone');
    await writeFile(path.join(root, '.tallyman', 'repositories', '+team+app', 'notes.txt'), 'of a person');
    await marks.sweep(new AbortController().signal, -1);
    expect(await marks.markOf('team/app', digest)).toBe('held');
    expect(await marks.markOf('team/app', other)).toBe('unmarked');
    expect(await marks.markOf(OWN_REPOSITORY, other)).toBe('unmarked');
    expect(await readdir(path.join(root, '.tallyman', 'repositories', '+team+app'))).toContain('notes.txt');
  });

  it('that are a little ahead of their content are not swept away, made anew or not', async () => {
    const { marks, root } = await marksIn();
    const coming = digestOf(Buffer.from('on its way'));
    const mark = path.join(
      root,
      '.tallyman',
      'repositories',
      '+team+app',
      `held-${coming.replace(':', '-')}`,
    );
    const { signal } = new AbortController();
    await marks.mark('team/app', coming, 'held');
    await marks.sweep(signal);
    expect(await marks.markOf('team/app', coming)).toBe('held');
    await utimes(mark, new Date('2020-01-01'), new Date('2020-01-01'));
    await marks.mark('team/app', coming, 'held'); // the content was collected long ago, and comes again
    await marks.sweep(signal);
    expect(await marks.markOf('team/app', coming)).toBe('held');
    await utimes(mark, new Date('2020-01-01'), new Date('2020-01-01'));
    await marks.sweep(signal);
    expect(await marks.markOf('team/app', coming)).toBe('unmarked');
  });

  it('made at the same moment share waits for the disk, and none returns before its own name is there', async () => {
    const made = new Set<string>();
    const synced = new Set<string>();
    let syncs = 0;
    const { marks } = await marksIn({
      ...nodeFileSystem,
      open: async (file, mode, permissions) => {
        const opened = await nodeFileSystem.open(file, mode, permissions);
        if (file.includes('held-')) made.add(file);
        return opened;
      },
      syncFolder: async (folder) => {
        const before = [...made];
        await nodeFileSystem.syncFolder(folder);
        if (!folder.endsWith('+team+app')) return;
        syncs += 1;
        for (const file of before) synced.add(path.basename(file));
      },
    });
    const digests = Array.from({ length: 40 }, (_, number) => digestOf(Buffer.from(String(number))));
    await Promise.all(
      digests.map(async (each) => {
        await marks.mark('team/app', each, 'held');
        expect(synced).toContain(`held-${each.replace(':', '-')}`);
      }),
    );
    expect(syncs).toBeLessThan(digests.length);
  });

  it('that cannot be read or written are an error, never “unmarked”', async () => {
    const refused = Object.assign(new Error('no'), { code: 'EACCES' });
    const { marks } = await marksIn({
      ...nodeFileSystem,
      open: (file, mode, permissions) =>
        file.includes('held-') ? Promise.reject(refused) : nodeFileSystem.open(file, mode, permissions),
      look: (place) => (place.includes('gone-') ? Promise.reject(refused) : nodeFileSystem.look(place)),
    });
    await expect(marks.mark('team/app', digest, 'held')).rejects.toMatchObject({ code: 'UNREADABLE' });
    await expect(marks.markOf('team/app', digest)).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});
