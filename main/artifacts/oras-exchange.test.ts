import { chmod, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLayout } from '../layout/open-layout.ts';
import { createLayout } from '../layout/write-layout.ts';
import type { Target } from '../content/target.ts';
import { readTree, writeTree } from '../testing/file-tree.ts';
import { openTestRegistry } from '../testing/open-registry.ts';
import { hasRealRegistry, startRealRegistry, type RealRegistryKind } from '../testing/real-registries.ts';
import { runPeer } from '../testing/run-peer.ts';
import { fixtures, peer } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { executePull, type PullOutcome } from './pull/execute-pull.ts';
import { planPull } from './pull/plan-pull.ts';
import { executePush, type PushOutcome } from './push/execute-push.ts';
import { planPush, type PushRequest } from './push/plan-push.ts';

const oras = peer('oras');
const { signal } = new AbortController();

async function push(target: Target, request: PushRequest, tags: readonly string[]): Promise<PushOutcome> {
  const plan = await planPush(request, { signal });
  try {
    const writer = await target.openWriter!({ signal });
    try {
      const outcome = await executePush(plan, writer, { signal, tags });
      await writer.finish({ signal });
      return outcome;
    } finally {
      await writer.close();
    }
  } finally {
    await plan.close();
  }
}

async function pull(target: Target, reference: string, folder: string): Promise<PullOutcome> {
  const plan = await planPull(target, reference, { signal });
  return executePull(plan, target, folder, { existing: 'keep', signal });
}

async function someFiles(): Promise<{ readonly folder: string; readonly request: PushRequest }> {
  const folder = await temporaryFolder();
  await writeTree(folder, {
    'small.txt': 'small',
    'docs/read me.md': '# read me',
    'empty.bin': '',
    'large.bin': Buffer.alloc(3_000_000, 'large'),
    'copy of large.bin': Buffer.alloc(3_000_000, 'large'),
    'tree/a/b/c.txt': 'c',
    'tree/ümläut.txt': 'ü',
    [`tree/${'long'.repeat(30)}.txt`]: 'long',
    'tree/run.sh': '#!/bin/sh\n',
  });
  await mkdir(path.join(folder, 'tree/nothing'));
  await chmod(path.join(folder, 'tree/run.sh'), 0o755);
  const titles = ['small.txt', 'docs/read me.md', 'empty.bin', 'large.bin', 'copy of large.bin', 'tree'];
  return {
    folder,
    request: {
      files: titles.map((title) => ({ path: path.join(folder, title), title })),
      artifactType: 'a/b',
    },
  };
}

const TITLES = ['small.txt', 'docs/read me.md', 'empty.bin', 'large.bin', 'copy of large.bin', 'tree'];

describe.skipIf(oras === undefined)('files that oras and Tallyman give each other', () => {
  const KINDS: readonly RealRegistryKind[] = ['olareg', 'distribution-3'];
  it.each(KINDS.filter(hasRealRegistry))('are identical through %s', async (kind) => {
    const registry = await startRealRegistry(kind);
    try {
      const { folder, request } = await someFiles();
      const target = openTestRegistry({ host: registry.host }).registry.repository('team/files');
      const repository = `localhost:${registry.port}/team/files`;
      const wanted = await readTree(folder);

      await push(target, request, ['ours', 'ours-too']);
      for (const tag of ['ours', 'ours-too']) {
        const theirs = await temporaryFolder();
        await runPeer(oras!, ['pull', `${repository}:${tag}`], { folder: theirs });
        expect(await readTree(theirs)).toEqual(wanted);
      }

      await runPeer(oras!, ['push', '--artifact-type', 'a/b', `${repository}:theirs`, ...TITLES], { folder });
      const ours = await temporaryFolder();
      const { items } = await pull(target, 'theirs', ours);
      expect(items.map(({ outcome }) => outcome)).toEqual(TITLES.map(() => 'written'));
      expect(await readTree(ours)).toEqual(wanted);
      expect((await stat(path.join(ours, 'tree/run.sh'))).mode & 0o111).not.toBe(0);

      // Small ones are not asked for first: sending them costs no more.
      const again = await push(target, request, ['again']);
      expect(again.sent.bytes).toBeLessThan(100_000);
      expect(again.present.bytes).toBeGreaterThanOrEqual(3_000_000);
    } finally {
      await registry.close();
    }
  });

  it('are identical through an image layout', async () => {
    const { folder, request } = await someFiles();
    const wanted = await readTree(folder);
    const place = await temporaryFolder();
    await (await createLayout(path.join(place, 'layout'))).close();
    const layout = await openLayout(path.join(place, 'layout'), { signal });
    try {
      await push(layout.target, request, ['ours']);
      const theirs = await temporaryFolder();
      await runPeer(oras!, ['pull', '--oci-layout', `${path.join(place, 'layout')}:ours`], {
        folder: theirs,
      });
      expect(await readTree(theirs)).toEqual(wanted);
      await runPeer(oras!, ['push', '--oci-layout', `${path.join(place, 'layout')}:theirs`, ...TITLES], {
        folder,
      });
      const ours = await temporaryFolder();
      await pull(layout.target, 'theirs', ours);
      expect(await readTree(ours)).toEqual(wanted);
    } finally {
      await layout.close();
    }
  });

  it('have copies in the place of links that stay within a folder', async () => {
    const folder = await temporaryFolder();
    await writeTree(folder, { 'tree/a.txt': 'a', 'tree/sub/b.txt': 'b' });
    await symlink('../a.txt', path.join(folder, 'tree/sub/to-a'));
    await symlink('sub/to-a', path.join(folder, 'tree/to-link'));
    await symlink('sub', path.join(folder, 'tree/to-folder'));
    await symlink('/etc/hostname', path.join(folder, 'tree/out'));
    await runPeer(oras!, ['push', '--oci-layout', 'layout:v1', 'tree'], { folder });
    const layout = await openLayout(path.join(folder, 'layout'), { signal });
    try {
      const ours = await temporaryFolder();
      const { items } = await pull(layout.target, 'v1', ours);
      const tree = await readTree(ours);
      expect(tree['tree/sub/to-a']).toBe(tree['tree/a.txt']);
      expect(tree['tree/to-link']).toBe(tree['tree/a.txt']);
      expect(Object.keys(tree).sort()).toEqual(
        ['tree', 'tree/a.txt', 'tree/sub', 'tree/sub/b.txt', 'tree/sub/to-a', 'tree/to-link'].sort(),
      );
      expect(
        items[0]!
          .notes!.filter(({ kind }) => kind === 'left-out')
          .map((note) => note.path)
          .sort(),
      ).toEqual(['tree/out', 'tree/to-folder']);
    } finally {
      await layout.close();
    }
  });

  it.skipIf(fixtures() === undefined)(
    'leave out a link for which oras gives up the whole folder',
    async () => {
      const layout = await openLayout(path.join(fixtures()!, 'oci/artifact-folder.oci.tar'), { signal });
      try {
        const ours = await temporaryFolder();
        const { items } = await pull(layout.target, 'v1', ours);
        const names = Object.keys(await readTree(ours));
        expect(names).toContain('config/pilot.conf');
        expect(names).not.toContain('config/readme-link');
        expect(items.flatMap(({ notes }) => notes ?? [])).toMatchObject([
          { path: 'config/readme-link', kind: 'left-out' },
        ]);
      } finally {
        await layout.close();
      }
    },
  );

  const READ_BY_BOTH = [
    'artifact-annotation-file',
    'artifact-config',
    'artifact-empty',
    'artifact-files',
    'artifact-v1.0',
    'wasm',
    'opa-bundle',
  ];
  it.skipIf(fixtures() === undefined).each(READ_BY_BOTH)(
    'are the same when either pulls %s',
    async (fixture) => {
      const archive = path.join(fixtures()!, 'oci', `${fixture}.oci.tar`);
      const layout = await openLayout(archive, { signal });
      try {
        for await (const page of layout.target.listEntries!({ signal })) {
          for (const { tag } of page) {
            if (tag === undefined) continue;
            const [ours, theirs] = [await temporaryFolder(), await temporaryFolder()];
            const { items } = await pull(layout.target, tag, ours);
            await runPeer(oras!, ['pull', '--oci-layout', `${archive}:${tag}`], { folder: theirs });
            // What has no title oras leaves out; here it is named by its digest.
            const untitled = items.flatMap(({ title, name }) =>
              title === undefined ? [name as string] : [],
            );
            const pulled = Object.entries(await readTree(ours)).filter(
              ([place]) => !untitled.includes(place),
            );
            expect(Object.fromEntries(pulled)).toEqual(await readTree(theirs));
            expect(await readdir(ours)).not.toContain('.tallyman-partial');
          }
        }
      } finally {
        await layout.close();
      }
    },
  );
});
