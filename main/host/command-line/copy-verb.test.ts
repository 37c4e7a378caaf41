import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRealRegistry, startRealRegistry, type RealRegistry } from '../../testing/real-registries.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { serveLayout } from '../../testing/serve-layout.ts';
import { peer } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { writeTree } from '../../testing/file-tree.ts';

const oras = peer('oras');
const isReady = oras !== undefined && hasRealRegistry('olareg') && hasRealRegistry('distribution-3');

async function json(words: readonly string[], folder: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await runVerb([...words, '--json'], folder);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

/** A layout with an artifact and a note about it. */
async function madeLayout(): Promise<{
  readonly folder: string;
  readonly digest: string;
  readonly note: string;
}> {
  const folder = await temporaryFolder();
  await writeTree(folder, { 'app.bin': 'the app', 'note.txt': 'about it' });
  const { digest } = await json(['push', './made:v1', 'app.bin:a/b', '--artifact-type', 'x/y'], folder);
  const { digest: note } = await json(
    ['attach', './made:v1', 'note.txt:text/plain', '--artifact-type', 'x/note'],
    folder,
  );
  return { folder, digest: digest as string, note: note as string };
}

describe('copy', () => {
  it('makes a layout where nothing is, keeps the tag, and sends nothing the second time', async () => {
    const { folder, digest, note } = await madeLayout();
    const copied = await json(['copy', './made:v1', './new/layout', '--referrers'], folder);
    expect(copied).toMatchObject({
      digest,
      tags: ['v1'],
      manifests: 2,
      referrers: 1,
      sent: { blobs: 3 },
      mounted: { blobs: 0 },
      notes: [],
    });
    const graph = await json(['graph', './new/layout:v1'], folder);
    expect(JSON.stringify(graph)).toContain(note);
    const again = await runVerb(['copy', './made:v1', './new/layout:other', '--referrers'], folder);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toContain(digest);
    expect(again.out).toContain('Blobs: 0 sent, 0 mounted, 3 (');
    const byDigest = await json(['copy', `./made@${digest}`, './third'], folder);
    expect(byDigest).toMatchObject({ digest, tags: [], manifests: 1, referrers: 0 });
  });

  it('plans without making or changing anything', async () => {
    const { folder, digest } = await madeLayout();
    const plan = await json(['copy', './made:v1', './new', '--plan', '--referrers'], folder);
    expect(plan).toMatchObject({
      digest,
      manifests: 2,
      referrers: 1,
      toSend: { blobs: 3 },
      present: { blobs: 0 },
    });
    await expect(stat(path.join(folder, 'new'))).rejects.toMatchObject({ code: 'ENOENT' });
    await json(['copy', './made:v1', './new'], folder);
    const rest = await runVerb(['copy', './made:v1', './new', '--plan', '--referrers'], folder);
    expect(rest.out).toContain('Would copy');
    expect(rest.out).toContain('1 (8 B) to send');
  });

  it('makes nothing for a copy of something that is not there, and says what is wrong with the words', async () => {
    const { folder, digest } = await madeLayout();
    const absent = await runVerb(['copy', './made:absent', './new'], folder);
    expect(absent).toMatchObject({ code: 1, out: '' });
    await expect(stat(path.join(folder, 'new'))).rejects.toMatchObject({ code: 'ENOENT' });
    const wrong: readonly (readonly string[])[] = [
      ['./made:v1'],
      ['./made:v1', './a', './b'],
      ['./made', './new'],
      ['./made:v1', `./made@${digest}`],
      ['./made:v1', './new', '--platform', 'linux'],
      ['./made:v1', './new', '--nonsense'],
    ];
    for (const words of wrong)
      expect([words, (await runVerb(['copy', ...words], folder)).code]).toEqual([words, 2]);
    const platform = await runVerb(['copy', './made:v1', './new', '--platform', 'linux/amd64'], folder);
    expect(platform).toMatchObject({ code: 1 });
    expect(platform.err).toContain('neither an index nor an image');
  });

  it('stops with Ctrl-C, sets no tag, and says how to go on', async () => {
    const { folder } = await madeLayout();
    const stop = new AbortController();
    stop.abort();
    const stopped = await runVerb(['copy', './made:v1', './new'], folder, { signal: stop.signal });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('The same command goes on');
  });

  it.skipIf(!isReady)(
    'goes from a layout through registries and back, with the digests that oras gives',
    async () => {
      const { folder, digest, note } = await madeLayout();
      const served = await serveLayout();
      const registries: RealRegistry[] = [];
      try {
        for (const kind of ['olareg', 'distribution-3'] as const)
          registries.push(await startRealRegistry(kind));
        let from = './made:v1';
        for (const host of [...registries.map((registry) => registry.host), served.host]) {
          const to = `${host}/team/app`;
          const copied = await json(['copy', from, to, '--referrers', '--plain-http'], folder);
          expect(copied).toMatchObject({ digest, referrers: 1, sent: { blobs: 3 } });
          from = `${to}:v1`;
          expect((await runPeer(oras!, ['resolve', '--plain-http', from], { folder })).trim()).toBe(digest);
          const found = await runPeer(oras!, ['discover', '--plain-http', '--format', 'json', from], {
            folder,
          });
          expect(found).toContain(note);
          const elsewhere = await json(['copy', from, `${host}/team/other:v2`, '--referrers'], folder);
          expect(elsewhere).toMatchObject({
            digest,
            tags: ['v2'],
            sent: { blobs: 0 },
            mounted: { blobs: 3 },
          });
        }
        const back = await json(['copy', from, './back', '--referrers'], folder);
        expect(back).toMatchObject({ digest, referrers: 1 });
        expect(
          await runPeer(oras!, ['discover', '--oci-layout', '--format', 'json', './back:v1'], { folder }),
        ).toContain(note);
      } finally {
        await Promise.all([...registries.map((registry) => registry.close()), served.close()]);
      }
    },
  );
});
