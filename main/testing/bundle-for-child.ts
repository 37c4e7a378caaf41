import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';

/** A program in one file that plain Node runs, and its removal. */
export interface ChildProgram {
  readonly file: string;
  remove(): Promise<void>;
}

/** Bundles a TypeScript program of this repository, so that a test can run it as processes of their own. */
export async function bundleForChild(entry: string): Promise<ChildProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-child-'));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: entry,
      outDir: folder,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'program.mjs', codeSplitting: false } },
    },
    ssr: { noExternal: true },
  });
  return {
    file: path.join(folder, 'program.mjs'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
