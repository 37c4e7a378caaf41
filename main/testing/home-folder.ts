import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createDockerConfigCredentials, type DockerConfigOptions } from '../credentials/docker-config.ts';
import type { Credentials } from '../registry/auth/credentials-source.ts';

/** A signal nobody aborts. */
export const signal: AbortSignal = new AbortController().signal;
/** An entry of `auths`. */
export const basic = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });

/** A person's home folder for one test, with credential helpers on its PATH. */
export interface Home {
  readonly folder: string;
  readonly bin: string;
  /** Writes a file below the home folder, with its folders. */
  write(name: string, content: unknown): Promise<string>;
  /** Puts a credential helper on the PATH: a shell script. */
  helper(suffix: string, script: string): Promise<string>;
  find(
    host: string,
    repository?: string,
    options?: Partial<DockerConfigOptions>,
  ): Promise<Credentials | undefined>;
}

/** Makes one; it is removed when the test ends. */
export async function makeHome(): Promise<Home> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'tallyman-home-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  return {
    folder,
    bin,
    async write(name, content) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    async helper(suffix, script) {
      const file = path.join(bin, `docker-credential-${suffix}`);
      await writeFile(file, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
      return file;
    },
    find(host, repository, options = {}) {
      return createDockerConfigCredentials({
        environment: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder },
        homeFolder: folder,
        platform: 'linux',
        ...options,
      }).find(host, repository, signal);
    },
  };
}

/** What was found, with its secret. */
export function told(found: Credentials | undefined): unknown {
  switch (found?.kind) {
    case undefined:
      return undefined;
    case 'password':
      return [found.from, found.username, found.password.reveal()];
    case 'identity-token':
      return [found.from, found.username, 'identity', found.identityToken.reveal()];
    case 'registry-token':
      return [found.from, 'registry', found.registryToken.reveal()];
  }
}

/** What was found, or the code of the error. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(told as (value: unknown) => unknown, (error: unknown) => (error as { code: string }).code);
}
