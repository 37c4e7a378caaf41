import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { ArchiveIndex } from './archived-file.ts';
import { readRange, type ByteSource } from './byte-source.ts';
import { fileError } from './file-error.ts';
import type { LayoutStorage } from './layout-storage.ts';

/** A layout inside a tar that stays packed: content is read from where it lies in the archive. */
export function archiveStorage(
  place: string,
  source: ByteSource,
  index: Pick<ArchiveIndex, 'get' | 'keys'>,
  close: () => Promise<void>,
): LayoutStorage {
  return {
    kind: 'archive',
    place,
    look: (name) => {
      const file = index.get(name);
      if (file === undefined) return Promise.resolve({ state: 'missing' });
      if (file.state === 'made') return Promise.resolve({ state: 'file', size: file.bytes.byteLength });
      return Promise.resolve(file.state === 'file' ? { state: 'file', size: file.size } : file);
    },
    async *read(name, { offset, length, signal }) {
      const file = index.get(name);
      if (file === undefined) {
        throw new TallymanError({
          code: 'MISSING',
          message: `${name} is not in ${place}.`,
          hint: 'The archive holds only a part of the content: get it from where it was made.',
        });
      }
      if (file.state === 'made') {
        const end = length === undefined ? undefined : offset + length;
        yield file.bytes.subarray(offset, end);
        return;
      }
      if (file.state !== 'file') {
        throw new TallymanError({
          code: 'UNREADABLE',
          message: `${name} in ${place} is not read: it is ${file.what}.`,
        });
      }
      const from = Math.min(offset, file.size);
      try {
        yield* readRange(source, file.offset + from, Math.min(length ?? Infinity, file.size - from), signal);
      } catch (error) {
        throw fileError(error, `Reading ${name} in ${place}`);
      }
    },
    async *blobNames(signal) {
      for (const name of index.keys()) {
        signal.throwIfAborted();
        if (name.startsWith('blobs/')) yield await Promise.resolve(name);
      }
    },
    indexStamp: () => Promise.resolve('packed'), // what is open does not change: the file is held open
    close,
  };
}
