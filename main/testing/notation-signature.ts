import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runPeer } from './run-peer.ts';

/** What signs and checks with a key made for one test. */
export interface NotationSigner {
  /** @param reference - `127.0.0.1:PORT/repository@digest`. */
  sign(reference: string): Promise<void>;
  /** Fails when notation does not accept the signature. */
  verify(reference: string): Promise<void>;
}

/** Makes a key and a policy that trusts it, in a folder that is notation's home. */
export async function createNotationSigner(notation: string, folder: string): Promise<NotationSigner> {
  const run = (...words: readonly string[]): Promise<string> => runPeer(notation, words, { folder });
  await run('cert', 'generate-test', '--default', 'tallyman.test');
  const settings = path.join(folder, '.config', 'notation');
  await mkdir(settings, { recursive: true });
  await writeFile(
    path.join(settings, 'trustpolicy.json'),
    JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'tests',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:tallyman.test'],
          trustedIdentities: ['*'],
        },
      ],
    }),
  );
  return {
    async sign(reference) {
      await run('sign', '--insecure-registry', reference);
    },
    async verify(reference) {
      await run('verify', '--insecure-registry', reference);
    },
  };
}
