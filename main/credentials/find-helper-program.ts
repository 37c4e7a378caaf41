import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** Suffixes that name a credential helper; everything else could name another program (bar, H1). */
const SUFFIX = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Where to look, and by which rules. */
export interface HelperSearch {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/**
 * The absolute path of `docker-credential-SUFFIX`, looked up by us (bar, H2): only absolute folders of PATH that not
 * everybody may write to, on Windows only `.exe`. Undefined when there is none.
 */
export async function findHelperProgram(
  suffix: string,
  { environment, platform }: HelperSearch,
): Promise<string | undefined> {
  if (!SUFFIX.test(suffix) || suffix.includes('..')) return undefined;
  const windows = platform === 'win32';
  const paths = windows ? path.win32 : path.posix;
  const searched = environment['PATH'] ?? environment['Path'] ?? '';
  for (const folder of searched.split(paths.delimiter)) {
    if (!paths.isAbsolute(folder) || (await isOpenToEverybody(folder, windows))) continue;
    const program = paths.join(folder, `docker-credential-${suffix}${windows ? '.exe' : ''}`);
    if (await isProgram(program)) return program;
  }
  return undefined;
}

const WRITABLE_BY_OTHERS = 0o002;

async function isOpenToEverybody(folder: string, windows: boolean): Promise<boolean> {
  // Windows has no such bits; its folders are guarded by access lists that Node does not read.
  if (windows) return false;
  try {
    return ((await stat(folder)).mode & WRITABLE_BY_OTHERS) !== 0;
  } catch {
    return true;
  }
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
