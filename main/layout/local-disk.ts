import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { StepThreads } from './step-threads.ts';

const threads = new StepThreads();

/**
 * The real file system, in which small files take few calls. Not on Windows: there a rename may have to be tried again.
 */
export const localDisk: FileSystem =
  process.platform === 'win32'
    ? nodeFileSystem
    : {
        ...nodeFileSystem,
        syncFolder: (folder) => threads.run('syncFolder', { folder }),
        together: {
          storeFile: (job) => threads.run('storeFile', job),
          makeEmptyFile: (job) => threads.run('makeEmptyFile', job),
          look: (job) => threads.run('look', job),
          readFile: (job) => threads.run('readFile', job),
        },
      };
