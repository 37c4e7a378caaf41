import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { referrersTag } from '../../../shared/oci/referrers-tag.ts';
import type { Target } from '../../content/target.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { openTestRegistry, quietSignal } from '../../testing/open-registry.ts';
import { hasRealRegistry, startRealRegistry } from '../../testing/real-registries.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { serveLayout } from '../../testing/serve-layout.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { writeSmallGraph, type SmallGraph } from '../../testing/write-small-graph.ts';
import { EXIT } from './exit-code.ts';

const signal = quietSignal();
const hasDistribution = hasRealRegistry('distribution-3');

/** A place with the small graph in it, and how a person types it. */
interface World {
  readonly typed: string;
  readonly folder: string;
  readonly graph: SmallGraph;
  readonly isLayout: boolean;
  /** A reader that remembers nothing from before. */
  target(): Promise<Target>;
}

async function fill(target: Target): Promise<SmallGraph> {
  const writer = await target.openWriter?.({ signal });
  if (writer === undefined) throw new Error('It can be written to.');
  try {
    return await writeSmallGraph(writer, signal);
  } finally {
    await writer.close();
  }
}

async function registryWorld(host: string): Promise<World> {
  const open = (): Target => openTestRegistry({ host }).registry.repository('team/app');
  return {
    typed: `${host}/team/app`,
    folder: await temporaryFolder(),
    graph: await fill(open()),
    isLayout: false,
    target: () => Promise.resolve(open()),
  };
}

const WORLDS: readonly [string, boolean, () => Promise<World>][] = [
  [
    'a registry with the referrers API',
    true,
    async () => {
      const served = await serveLayout();
      onTestFinished(() => served.close());
      return registryWorld(served.host);
    },
  ],
  [
    'a registry without it',
    hasDistribution,
    async () => {
      const server = await startRealRegistry('distribution-3');
      onTestFinished(() => server.close());
      return registryWorld(server.host);
    },
  ],
  [
    'a layout',
    true,
    async () => {
      const folder = await temporaryFolder();
      const place = path.join(folder, 'release');
      await (await createLayout(place)).close();
      const open = async (): Promise<Target> => {
        const layout = await openLayout(place, { signal });
        onTestFinished(() => layout.close());
        return layout.target;
      };
      return { typed: place, folder, graph: await fill(await open()), isLayout: true, target: open };
    },
  ],
];

describe.each(WORLDS)('in %s', (_name, here, start) => {
  it.skipIf(!here)('tag gives names and untag takes one away', async () => {
    const { typed, folder, graph, target } = await start();
    const tagged = await runVerb(['tag', `${typed}:1.0`, 'stable', 'v1', '--json'], folder);
    expect(tagged).toMatchObject({ code: EXIT.whole, err: '' });
    expect(JSON.parse(tagged.out)).toMatchObject({ digest: graph.image.digest, tags: ['stable', 'v1'] });
    expect((await (await target()).resolve('v1', { signal }))?.digest).toBe(graph.image.digest);

    const untagged = await runVerb(['untag', `${typed}:v1`], folder);
    expect(untagged).toMatchObject({ code: EXIT.whole, err: '' });
    expect(untagged.out).toContain(graph.image.digest);
    const after = await target();
    expect(await after.resolve('v1', { signal })).toBeUndefined();
    expect((await after.resolve('stable', { signal }))?.digest).toBe(graph.image.digest);
    expect((await after.fetchManifest(graph.image, { signal })).descriptor.digest).toBe(graph.image.digest);

    const moved = await runVerb(['tag', `${typed}:all`, 'stable'], folder);
    expect(moved.code).toBe(EXIT.whole);
    expect((await (await target()).resolve('stable', { signal }))?.digest).toBe(graph.index.digest);
  });

  it.skipIf(!here)('delete --plan names what goes, and delete --referrers takes all of it', async () => {
    const { typed, folder, graph, target, isLayout } = await start();
    const planned = await runVerb(['delete', `${typed}:1.0`, '--plan', '--json', '--referrers'], folder);
    expect(planned).toMatchObject({ code: EXIT.whole, err: '' });
    expect(JSON.parse(planned.out)).toMatchObject({
      tag: '1.0',
      root: { digest: graph.image.digest, tags: ['1.0', 'latest'] },
      referrers: [
        { digest: graph.signature.digest, subject: graph.sbom.digest, tags: [] },
        { digest: graph.sbom.digest, subject: graph.image.digest, tags: [] },
      ],
      indexes: [{ digest: graph.index.digest, tags: ['all'], contains: [graph.image.digest] }],
      unseen: [],
    });
    expect((await (await target()).resolve('1.0', { signal }))?.digest).toBe(graph.image.digest);

    const deleted = await runVerb(['delete', `${typed}:1.0`, '--referrers', '--json'], folder);
    expect(deleted).toMatchObject({ code: EXIT.whole, err: '' });
    expect((JSON.parse(deleted.out) as { removed: string[] }).removed).toEqual(
      [graph.signature, graph.sbom, graph.image].map(({ digest }) => digest),
    );
    const after = await target();
    const gone = [graph.image.digest, graph.sbom.digest, graph.signature.digest];
    // The bytes in a layout stay until it is cleaned up; nothing lists them.
    for (const reference of ['1.0', 'latest', ...(isLayout ? [] : gone)])
      expect(await after.resolve(reference, { signal })).toBeUndefined();
    for await (const page of after.listEntries?.({ signal }) ?? [])
      expect(
        page.filter(({ descriptor }) => descriptor !== undefined && gone.includes(descriptor.digest)),
      ).toEqual([]);
    expect((await after.resolve('all', { signal }))?.digest).toBe(graph.index.digest);
    expect(await after.resolve(referrersTag(graph.image.digest), { signal })).toBeUndefined();
    expect(await after.resolve(referrersTag(graph.sbom.digest), { signal })).toBeUndefined();
  });

  it.skipIf(!here)('delete of a referrer takes its line out of the list of its subject', async () => {
    const { typed, folder, graph, target } = await start();
    const deleted = await runVerb(['delete', `${typed}@${graph.sbom.digest}`], folder);
    expect(deleted).toMatchObject({ code: EXIT.whole, err: '' });
    const answer = await (await target()).referrers?.list(graph.image.digest, { signal });
    if (answer?.outcome === 'listed') expect(answer.referrers).toEqual([]);
    expect(await (await target()).resolve(referrersTag(graph.image.digest), { signal })).toBeUndefined();
    expect((await (await target()).resolve('1.0', { signal }))?.digest).toBe(graph.image.digest);
  });
});

describe('bad input', () => {
  it.each([
    [['tag'], EXIT.usage, 'PLACE is missing'],
    [['tag', 'localhost:1/a:b'], EXIT.usage, 'TAG is missing'],
    [['tag', 'localhost:1/a:b', '-x-'], EXIT.usage, '-x'],
    [['tag', 'localhost:1/a:b', 'ok', 'a/b'], EXIT.usage, 'no tag'],
    [['untag', 'localhost:1/a'], EXIT.usage, ':TAG'],
    [['delete', 'localhost:1/a'], EXIT.usage, ':TAG'],
    [['delete', 'localhost:1/a:b', 'c'], EXIT.usage, 'too much'],
    [['delete', 'localhost:1/a:b', '--nonsense'], EXIT.usage, 'nonsense'],
    [['delete', '/nowhere/at-all:1.0'], EXIT.failed, '/nowhere/at-all'],
  ])('%j', async (words, code, text) => {
    const ran = await runVerb(words, await temporaryFolder());
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(text);
    expect(ran.out).toBe('');
  });

  it('of a tag that is not there is told', async () => {
    const served = await serveLayout();
    onTestFinished(() => served.close());
    const folder = await temporaryFolder();
    for (const words of [['tag', 'x'], ['untag'], ['delete']]) {
      const [verb = '', ...rest] = words;
      const ran = await runVerb([verb, `${served.host}/team/app:nothing`, ...rest], folder);
      expect(ran.code).toBe(EXIT.failed);
      expect(ran.err).toContain('nothing');
    }
  });
});
