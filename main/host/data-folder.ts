import path from 'node:path';
import envPaths from 'env-paths';

/**
 * The folder that holds the local store and the list of sources, the same for every host: `TALLYMAN_DATA` when it is set, else the
 * usual place of the operating system. Nothing is created here.
 */
export function dataFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['TALLYMAN_DATA'];
  return chosen === undefined || chosen === ''
    ? envPaths('tallyman', { suffix: '' }).data
    : path.resolve(chosen);
}
