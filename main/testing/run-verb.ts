import path from 'node:path';
import { runCommandLine } from '../host/command-line/command-line.ts';

/** What one command printed and how it ended. */
export interface RanVerb {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, standing in `folder`, which also holds its data and is the home folder. */
export async function runVerb(
  words: readonly string[],
  folder: string,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<RanVerb> {
  let [out, err] = ['', ''];
  const code = await runCommandLine(words, {
    environment: { TALLYMAN_DATA: path.join(folder, 'data') },
    workingDirectory: folder,
    homeFolder: folder,
    version: '1.2.3',
    signal,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  return { code, out, err };
}
