import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a real client (its path is from `peer`) to its end and answers its stdout. Its settings are those of nobody. */
export async function runPeer(
  program: string,
  arguments_: readonly string[],
  { folder, input }: { readonly folder: string; readonly input?: string },
): Promise<string> {
  const running = run(program, [...arguments_], {
    cwd: folder,
    env: { ...process.env, HOME: folder, DOCKER_CONFIG: folder, REGCTL_CONFIG: `${folder}/regctl.json` },
  });
  running.child.stdin?.on('error', () => undefined); // it may end without reading
  running.child.stdin?.end(input ?? '');
  return (await running).stdout;
}
