import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openLayout } from './open-layout.ts';
import type { LayoutSizes } from './measure-layout.ts';

const { signal } = new AbortController();

async function measure(files: LayoutFiles, change?: (folder: string) => Promise<void>): Promise<LayoutSizes> {
  const folder = await files.writeTo(await temporaryFolder());
  await change?.(folder);
  const layout = await openLayout(folder, { signal });
  try {
    return await layout.measure({ signal });
  } finally {
    await layout.close();
  }
}

function total(...descriptors: readonly Descriptor[]): number {
  return descriptors.reduce((bytes, { size }) => bytes + size, 0);
}

/** Two images that share their base layer and their config. */
function twoImages(): {
  files: LayoutFiles;
  shared: readonly Descriptor[];
  one: readonly Descriptor[];
  two: readonly Descriptor[];
} {
  const files = new LayoutFiles();
  const base = files.blob('b'.repeat(10_000));
  const config = files.blob('{}', 'application/vnd.oci.empty.v1+json');
  const layerOne = files.blob('one'.repeat(100));
  const layerTwo = files.blob('two'.repeat(200));
  const one = files.manifest({ layers: [base, layerOne] });
  const two = files.manifest({ layers: [base, layerTwo] });
  files.setEntries([named(one, '1.0'), named(one, 'latest'), named(two, '2.0')]);
  return { files, shared: [base, config], one: [layerOne, one], two: [layerTwo, two] };
}

describe('measuring a layout', () => {
  it('says what each row takes alone, what only it needs, and what sharing saves', async () => {
    const { files, shared, one, two } = twoImages();
    const sizes = await measure(files);
    expect(sizes.rows).toEqual([
      {
        digest: two[1]!.digest,
        names: ['2.0'],
        logical: total(...shared, ...two),
        unique: total(...two),
      },
      {
        digest: one[1]!.digest,
        names: ['1.0', 'latest'],
        logical: total(...shared, ...one),
        unique: total(...one),
      },
    ]);
    expect(sizes.logical).toBe(total(...shared, ...one, ...shared, ...two));
    expect(sizes.unique).toBe(total(...shared, ...one, ...two));
    expect(sizes).toMatchObject({ missing: 0, unreadable: 0, stored: { bytes: sizes.unique, blobs: 6 } });
  });

  it('counts what an index leads to as one row, also when its children are listed', async () => {
    const files = new LayoutFiles();
    const layer = files.blob('x'.repeat(500));
    const child = files.manifest({ layers: [layer] });
    const index = files.index([child]);
    files.setEntries([named(index, '1.0'), child]);
    const { rows, logical, unique } = await measure(files);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ digest: index.digest, logical: total(index, child, layer) + 2 });
    expect(logical).toBe(unique);
  });

  it('counts nothing for what is missing, and says how much that is', async () => {
    const { files, one, shared } = twoImages();
    const [base] = shared;
    const sizes = await measure(files, (folder) =>
      rm(path.join(folder, 'blobs', base!.digest.replace(':', '/'))),
    );
    expect(sizes.missing).toBe(1);
    expect(sizes.rows[1]!.logical).toBe(total(...one) + 2);
  });

  it('says of how many manifests it does not know what is below', async () => {
    const files = new LayoutFiles();
    const broken = files.blob('{"schemaVersion":2,', 'application/vnd.oci.image.manifest.v1+json');
    files.setEntries([named(broken, '1.0')]);
    const sizes = await measure(files);
    expect(sizes).toMatchObject({ unreadable: 1, unique: broken.size, rows: [{ names: ['1.0'] }] });
  });

  it('keeps apart what lies there and leads nowhere', async () => {
    const { files } = twoImages();
    const orphan = files.blob('nobody names this');
    const { stored, unique } = await measure(files);
    expect(stored.bytes - unique).toBe(orphan.size);
  });

  it('measures an archive as it does a folder, and an empty layout as nothing', async () => {
    const { files } = twoImages();
    const file = path.join(await temporaryFolder(), 'layout.tar');
    await writeFile(file, files.toTar());
    const archive = await openLayout(file, { signal });
    expect(await archive.measure({ signal })).toEqual(await measure(files));
    await archive.close();
    expect(await measure(new LayoutFiles())).toEqual({
      logical: 0,
      unique: 0,
      stored: { blobs: 0, bytes: 0 },
      missing: 0,
      unreadable: 0,
      rows: [],
    });
  });

  it('stops when it is cancelled', async () => {
    const folder = await twoImages().files.writeTo(await temporaryFolder());
    const layout = await openLayout(folder, { signal });
    await expect(layout.measure({ signal: AbortSignal.abort() })).rejects.toThrow();
    await layout.close();
  });
});
