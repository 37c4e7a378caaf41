import { open, unlink } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import { isCancellation, TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isImageConfigMediaType } from '../../../shared/oci/media-types.ts';
import { formatPlatform, selectPlatform, type Platform } from '../../../shared/oci/platform.ts';
import type { Target } from '../../content/target.ts';
import type { CarriedItem, TransferReport } from '../../content/transfer-report.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import { fileError } from '../../layout/file-error.ts';
import { FileAppender } from '../files/file-appender.ts';
import { requireSafePath, type SafePath } from '../files/safe-path.ts';
import { LARGE_TRANSFER_CONCURRENCY, UNPACKED_BYTES_LIMIT } from '../limits.ts';
import { fetchIntoFile } from '../pull/fetch-content.ts';
import { PullFolder, type ExistingFile } from '../pull/pull-folder.ts';
import { readFrom } from '../push/hash-file.ts';
import type { MergeNote } from './merged-tree.ts';
import { rootfsTar, type ReadableLayer } from './rootfs-tar.ts';

export interface PullRootfsOptions {
  readonly signal: AbortSignal;
  readonly existing: ExistingFile;
  /** What the tar is called in the folder; `rootfs.tar` when absent. */
  readonly name?: string;
  /** Of an index, which image; needed where it has several. */
  readonly platform?: Platform;
  /** Told bytes of layers that are there, of all of them. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly report?: TransferReport;
}

export interface PulledRootfs {
  /** The image. */
  readonly image: Descriptor;
  readonly outcome: 'written' | 'kept';
  readonly name: SafePath;
  /** Bytes of the tar; 0 when another file of the name stayed. */
  readonly size: number;
  /** Bytes of layers that were fetched. */
  readonly fetched: number;
  /** Entries of layers that are not in the tar, and why. */
  readonly notes: readonly MergeNote[];
}

/**
 * Writes the file system of an image into a folder as one tar. Layers are fetched into the folder's unfinished work first, where an
 * interrupted pull goes on, and are removed when the tar has its name.
 * @throws TallymanError UNSUPPORTED for what is no image, NOT_FOUND for a platform that is not there, and as `planPull`, `rootfsTar`.
 */
export async function pullRootfs(
  target: Target,
  reference: string | Descriptor,
  folder: string,
  options: PullRootfsOptions,
): Promise<PulledRootfs> {
  const { signal, existing, name: wanted = 'rootfs.tar' } = options;
  const name = requireSafePath(wanted, 'The name');
  const { image, layers } = await findImage(target, reference, options);
  const into = await PullFolder.open(folder, existing);
  try {
    if (await into.isKept(name)) return { image, outcome: 'kept', name, size: 0, fetched: 0, notes: [] };
    const fetched = await fetchLayers(target, layers, into, options);
    const temporary = await into.temporaryPath();
    try {
      let notes: readonly MergeNote[] = [];
      const readable = await Promise.all(layers.map((layer) => readableLayer(layer, into)));
      const tar = rootfsTar(readable, { signal, onNotes: (found) => (notes = found) });
      const size = await writeTar(temporary, name, tar);
      const { outcome, name: real } = await into.publish(temporary, name);
      await Promise.all(
        layers.map(async (layer) => unlink(await into.partialPath(layer)).catch(() => undefined)),
      );
      return { image, outcome, name: real, size, fetched, notes };
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  } finally {
    await into.close();
  }
}

async function findImage(
  target: Target,
  reference: string | Descriptor,
  { signal, platform }: PullRootfsOptions,
): Promise<{ readonly image: Descriptor; readonly layers: readonly Descriptor[] }> {
  const { descriptor, bytes } = await target.fetchManifest(reference, { signal });
  const document = parseManifest(bytes, descriptor.mediaType);
  if (document.form === 'index') {
    const child = chooseImage(document.manifests, platform);
    return findImage(target, child, { signal, existing: 'keep' });
  }
  if (
    document.form !== 'manifest' ||
    document.config === undefined ||
    !isImageConfigMediaType(document.config.mediaType)
  ) {
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: 'It is no image with layers of a file system.',
      hint: 'Pull its files instead.',
    });
  }
  return { image: descriptor, layers: document.layers };
}

function chooseImage(manifests: readonly Descriptor[], platform: Platform | undefined): Descriptor {
  const images = manifests.filter(({ platform: each }) => each?.os !== 'unknown');
  const [only, second] = images;
  const child =
    platform === undefined ? (second === undefined ? only : undefined) : selectPlatform(images, platform);
  if (child !== undefined) return child;
  const there = images.flatMap((each) =>
    each.platform === undefined ? [] : [formatPlatform(each.platform)],
  );
  throw new TallymanError({
    code: platform === undefined ? 'INVALID_INPUT' : 'NOT_FOUND',
    message:
      platform === undefined
        ? 'The index holds several images: one file system is made of one.'
        : `The index has no image for ${quoteText(formatPlatform(platform))}.`,
    hint:
      there.length === 0
        ? 'Name the image by its digest.'
        : `Choose a platform: ${quoteText(there.join(', '))}.`,
  });
}

/** Fetches each layer once; answers the bytes that were fetched. */
async function fetchLayers(
  target: Target,
  layers: readonly Descriptor[],
  into: PullFolder,
  { signal, onProgress, report }: PullRootfsOptions,
): Promise<number> {
  const each = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const total = each.reduce((sum, { size }) => sum + size, 0);
  const done = new Map<Digest, number>();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const pool = createTaskPool(LARGE_TRANSFER_CONCURRENCY, either);
  const itemOf = (layer: Descriptor, state: CarriedItem['state'], bytes: number): CarriedItem => ({
    id: layer.digest,
    name: `layer ${layers.indexOf(layer) + 1}`,
    digest: layer.digest,
    state,
    done: bytes,
    size: layer.size,
  });
  for (const layer of each) report?.onItem?.(itemOf(layer, 'waiting', 0));
  let fetched = 0;
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    each.map((layer) =>
      pool
        .run(async () => {
          const place = await into.partialPath(layer);
          report?.onResumable?.(layer.digest, layer.digest);
          const bytesHere = await fetchIntoFile(target, layer, place, {
            signal: either,
            onProgress: (bytes) => {
              done.set(layer.digest, bytes);
              onProgress?.(
                [...done.values()].reduce((sum, value) => sum + value, 0),
                total,
              );
              report?.onItem?.(itemOf(layer, 'running', bytes));
            },
          });
          fetched += bytesHere;
          report?.onItem?.(itemOf(layer, 'done', layer.size));
        })
        .catch((error: unknown) => {
          if (!isCancellation(error) || signal.aborted) failure ??= { error };
          stop.abort();
        }),
    ),
  );
  signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
  return fetched;
}

async function readableLayer(layer: Descriptor, into: PullFolder): Promise<ReadableLayer> {
  const place = await into.partialPath(layer);
  return {
    name: layer.digest,
    size: layer.size,
    async *open(signal) {
      const file = await open(place, 'r');
      try {
        yield* readFrom(file, 0, signal);
      } finally {
        await file.close();
      }
    },
  };
}

async function writeTar(place: string, name: SafePath, tar: AsyncIterable<Uint8Array>): Promise<number> {
  try {
    const file = await open(place, 'wx', 0o666);
    try {
      const appender = new FileAppender(file, 0);
      for await (const chunk of tar) {
        await appender.add(chunk);
        if (appender.position > UNPACKED_BYTES_LIMIT) throw tooLarge();
      }
      await appender.flush();
      return appender.position;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, `Writing ${quoteText(name)}`);
  }
}

function tooLarge(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The file system of the image has more than ${UNPACKED_BYTES_LIMIT} bytes.`,
    hint: 'Export the image as it is.',
    details: { limit: UNPACKED_BYTES_LIMIT },
  });
}
