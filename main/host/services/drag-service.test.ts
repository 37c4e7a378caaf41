import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { planBlobPull } from '../../artifacts/pull/plan-pull.ts';
import { startHost } from '../../testing/host-client.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import { serveImage } from '../../testing/serve-image.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import {
  createDragFolder,
  DRAGGED_BYTES_LIMIT,
  DRAGGED_FILES_LIMIT,
  KEPT_DRAGS_LIMIT,
} from '../files/drag-folder.ts';

const { signal } = new AbortController();

describe('files that are dragged out', () => {
  it('are handed to the host under a safe name, once, and go when the services end', async () => {
    const { registry, target, layer, repository } = await serveImage();
    const dragged: string[] = [];
    const host = await startHost({ ports: { startDrag: (file) => dragged.push(file) > 0 } });
    try {
      await host.call('place.resolve', { text: `${registry.host}/team/app` });
      const node = { target, ...layer, manifest: false };
      const ready = await host.call('content.prepareDrag', { ...node, fileName: '../../etc/..\\layer.txt' });
      expect(ready.name).toBe('layer.txt');
      expect(await host.call('content.startDrag', { drag: ready.drag })).toEqual({});
      const [file = ''] = dragged;
      expect(path.basename(file)).toBe('layer.txt');
      expect(await readFile(file, 'utf8')).toBe('layer');
      expect(await readdir(path.dirname(file))).toEqual(['layer.txt']);
      const root = path.dirname(path.dirname(file));
      expect((await stat(root)).mode & 0o777).toBe(0o700);
      for (const drag of [ready.drag, '', '/etc/passwd'])
        await expect(host.call('content.startDrag', { drag })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(dragged).toEqual([file]);

      repository.blobs.set(layer.digest, Buffer.from('LAYER'));
      await expect(host.call('content.prepareDrag', { ...node, fileName: 'x' })).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
      });
      expect(await readdir(root)).toHaveLength(1);
      await host.stop();
      await expect(stat(root)).rejects.toThrow();
    } finally {
      await host.close();
      await registry.close();
    }
  });

  it('are not handed on when the mouse button was let go meanwhile', async () => {
    const { registry, target, layer } = await serveImage();
    const host = await startHost({ ports: { startDrag: () => false } });
    try {
      await host.call('place.resolve', { text: `${registry.host}/team/app` });
      const node = { target, ...layer, manifest: false, fileName: 'layer' };
      const { drag } = await host.call('content.prepareDrag', node);
      await expect(host.call('content.startDrag', { drag })).rejects.toMatchObject({ code: 'TIMEOUT' });
    } finally {
      await host.close();
      await registry.close();
    }
  });

  it('are refused where the host cannot drag', async () => {
    const host = await startHost();
    try {
      expect(await host.call('host.info', {})).toMatchObject({ canDragOut: false });
      await expect(host.call('content.startDrag', { drag: 'x' })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    } finally {
      await host.close();
    }
  });
});

describe('the folder of what is dragged', () => {
  const prepare = (
    folder: ReturnType<typeof createDragFolder>,
    place: MemoryPlace,
    descriptor: Descriptor,
  ): Promise<string> =>
    folder.prepare({ target: place.target(), plan: planBlobPull(descriptor, 'a.txt'), signal });

  it('takes nothing above its limits, and fetches nothing of it', async () => {
    const parent = await temporaryFolder();
    const folder = createDragFolder(parent);
    const place = new MemoryPlace();
    const small = place.blob('text');
    const tooLarge = { ...small, size: DRAGGED_BYTES_LIMIT + 1 };
    await expect(prepare(folder, place, tooLarge)).rejects.toMatchObject({
      code: 'LIMIT',
      hint: expect.stringContaining('Pull'),
    });
    const one = planBlobPull(small, 'a.txt');
    const many = { ...one, items: Array.from({ length: DRAGGED_FILES_LIMIT + 1 }, () => one.items[0]!) };
    await expect(
      folder.prepare({ target: place.target(), plan: many, folderName: 'x', signal }),
    ).rejects.toMatchObject({ code: 'LIMIT', message: expect.stringContaining('files') });
    expect(await readdir(parent)).toEqual([]);
    await folder.close();
  });

  it('lets the oldest go when there are too many', async () => {
    const parent = await temporaryFolder();
    const folder = createDragFolder(parent);
    const place = new MemoryPlace();
    const text = place.blob('text');
    const tokens: string[] = [];
    for (let count = 0; count <= KEPT_DRAGS_LIMIT; count += 1)
      tokens.push(await prepare(folder, place, text));
    const [root = ''] = await readdir(parent);
    expect(await readdir(path.join(parent, root))).toHaveLength(KEPT_DRAGS_LIMIT);
    await expect(folder.take(tokens[0]!)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const last = await folder.take(tokens.at(-1)!);
    expect(await readFile(last, 'utf8')).toBe('text');
    await folder.close();
    expect(await readdir(parent)).toEqual([]);
  });

  it('says so when what was to be dragged was moved away, and takes nothing after its end', async () => {
    const folder = createDragFolder(await temporaryFolder());
    const place = new MemoryPlace();
    const text = place.blob('text');
    const [gone, kept] = [await prepare(folder, place, text), await prepare(folder, place, text)];
    await rm(await folder.take(kept));
    await expect(folder.take(kept)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await folder.close();
    await expect(folder.take(gone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(prepare(folder, place, text)).rejects.toThrow();
  });
});
