import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Folder of the OCI content and documents made by real tools (`TALLYMAN_FIXTURES`).
 *
 * @returns undefined on a machine without them: the test is then a visible skip.
 * @throws Error under `CI=true`, where nothing may be missing.
 */
export function fixtures(): string | undefined {
  const folder = process.env['TALLYMAN_FIXTURES'];
  if (folder !== undefined && folder !== '' && isFolder(folder)) return path.resolve(folder);
  return missing('TALLYMAN_FIXTURES names no folder of fixtures');
}

/**
 * Path of a real registry or client ("oras", "olareg", "docker-registry"…) from the folder `TALLYMAN_PEERS`, else, when that is set,
 * from PATH (Debian's packages).
 *
 * @returns undefined on a machine without it: the test is then a visible skip.
 * @throws Error under `CI=true`, where nothing may be missing.
 */
export function peer(name: string): string | undefined {
  const folder = process.env['TALLYMAN_PEERS'];
  if (folder === undefined || folder === '') return missing(`TALLYMAN_PEERS names no folder with ${name}`);
  for (const place of [folder, ...(process.env['PATH'] ?? '').split(path.delimiter)]) {
    const program = path.resolve(place, name);
    if (place !== '' && isProgram(program)) return program;
  }
  return missing(`${name} is neither in TALLYMAN_PEERS nor in PATH`);
}

function missing(what: string): string | undefined {
  if (process.env['CI'] === 'true') throw new Error(`${what}; under CI=true nothing may be missing.`);
  return undefined;
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isProgram(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return statSync(place).isFile();
  } catch {
    return false;
  }
}
