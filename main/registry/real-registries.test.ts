import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseManifest, type ManifestDocument } from '../../shared/oci/manifest.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import {
  NOBODY,
  always,
  collect,
  collectPages,
  passwordCredentials,
  quietSignal,
} from '../testing/open-registry.ts';
import {
  hasRealRegistry,
  startRealRegistry,
  TEST_ACCOUNT,
  type RealRegistry,
  type RealRegistryKind,
} from '../testing/real-registries.ts';
import { peer } from '../testing/surroundings.ts';
import { createRegistry, type Registry } from './registry.ts';

const run = promisify(execFile);
const oras = peer('oras');
const KINDS: readonly RealRegistryKind[] = ['olareg', 'distribution-3', 'distribution-2'];
const TAGS = Array.from({ length: 120 }, (_unused, index) => `v${String(index).padStart(3, '0')}`);

async function runOras(args: readonly string[], cwd: string): Promise<string> {
  if (oras === undefined) throw new Error('oras is not on this machine.');
  const env = { PATH: process.env['PATH'], HOME: cwd };
  const { stdout } = await run(oras, [...args], { cwd, env, timeout: 60_000 });
  return stdout;
}

function codeOf(error: unknown): string {
  return (error as { code: string }).code;
}

const PLACES = KINDS.map((kind) => {
  const here = oras !== undefined && hasRealRegistry(kind);
  return { kind, here, title: here ? kind : `${kind} (skipped: it or oras is not on this machine)` };
});

describe.each(PLACES)('$title', ({ kind, here }) => {
  let server: RealRegistry;
  let registry: Registry;
  let work: string;
  let subject: Digest;
  const file = Buffer.from(
    Array.from({ length: 3_000_000 }, (_unused, index) => (index * 7 + (index >> 8)) & 255),
  );

  beforeAll(async () => {
    if (!here) return;
    work = await mkdtemp(path.join(tmpdir(), 'tallyman-oras-'));
    server = await startRealRegistry(kind);
    registry = createRegistry({ host: server.host, credentials: NOBODY, onWarning: () => undefined });
    await writeFile(path.join(work, 'data.bin'), file);
    await writeFile(path.join(work, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}');
    const place = `${server.host}/team/app`;
    await runOras(
      ['push', '--plain-http', `${place}:1.0`, '--artifact-type', 'application/vnd.example.app', 'data.bin'],
      work,
    );
    await runOras(['tag', '--plain-http', `${place}:1.0`, ...TAGS], work);
    await runOras(
      ['attach', '--plain-http', `${place}:1.0`, '--artifact-type', 'application/spdx+json', 'sbom.json'],
      work,
    );
    await runOras(
      ['cp', '--from-plain-http', '--to-plain-http', `${place}:1.0`, `${server.host}/other:2.0`],
      work,
    );
    subject = (await runOras(['resolve', '--plain-http', `${place}:1.0`], work)).trim() as Digest;
  });
  afterAll(async () => {
    if (!here) return;
    await registry.close();
    await server.close();
    await rm(work, { recursive: true, force: true });
  });

  it.skipIf(!here)('answers the probe, by address and as localhost', async () => {
    expect(await registry.probe({ signal: quietSignal() })).toEqual({ plainHttp: true });
    const named = createRegistry({
      host: `localhost:${server.port}`,
      credentials: NOBODY,
      onWarning: () => undefined,
    });
    expect(await named.probe({ signal: quietSignal() })).toEqual({ plainHttp: true });
    await named.close();
  });

  it.skipIf(!here)('lists tags, in small pages too, and repositories', async () => {
    const target = registry.repository('team/app');
    const tags = (await collectPages(target.listEntries!({ signal: quietSignal() }))).map(
      ({ tag }) => tag ?? '',
    );
    const expected = ['1.0', ...TAGS];
    // The fallback tag is a tag like any other here.
    expect(tags.filter((tag) => !tag.startsWith('sha256-')).sort()).toEqual(expected.sort());
    expect(tags.some((tag) => tag.startsWith('sha256-'))).toBe(kind !== 'olareg');
    const repositories = await collectPages(registry.listRepositories({ signal: quietSignal() })).catch(
      codeOf,
    );
    const names = typeof repositories === 'object' ? Array.from(repositories).sort() : repositories;
    if (kind === 'olareg') expect(['UNSUPPORTED', ['other', 'team/app']]).toContainEqual(names);
    else expect(names).toEqual(['other', 'team/app']);
  });

  it.skipIf(!here)('gives the manifest by tag and by digest, and the same by HEAD', async () => {
    const target = registry.repository('team/app');
    const byTag = await target.fetchManifest('1.0', { signal: quietSignal() });
    const byDigest = await target.fetchManifest(subject, { signal: quietSignal() });
    expect(byTag.descriptor).toEqual(byDigest.descriptor);
    expect(byTag.descriptor.digest).toBe(subject);
    expect(await target.resolve('1.0', { signal: quietSignal() })).toEqual(byTag.descriptor);
    expect(await target.resolve(subject, { signal: quietSignal() })).toEqual(byTag.descriptor);
    expect(parseManifest(byTag.bytes, byTag.descriptor.mediaType)).toMatchObject({
      artifactType: 'application/vnd.example.app',
      problems: [],
    });
  });

  it.skipIf(!here)('says what is not there', async () => {
    const code = (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => (error as { code: string }).code);
    const target = registry.repository('team/app');
    const absent = `sha256:${'0'.repeat(64)}` as Digest;
    expect(await target.resolve('absent', { signal: quietSignal() })).toBeUndefined();
    expect(await code(target.fetchManifest('absent', { signal: quietSignal() }))).toBe('NOT_FOUND');
    expect(await code(target.fetchManifest(absent, { signal: quietSignal() }))).toBe('NOT_FOUND');
    expect(
      await code(
        target.fetchManifest({ mediaType: 'x/y', digest: absent, size: 5 }, { signal: quietSignal() }),
      ),
    ).toBe('MISSING');
    expect(
      await code(
        collect(target.readBlob({ mediaType: 'x/y', digest: absent, size: 5 }, { signal: quietSignal() })),
      ),
    ).toBe('MISSING');
    expect(await code(registry.repository('no/such').fetchManifest('1.0', { signal: quietSignal() }))).toBe(
      'NOT_FOUND',
    );
    const tags = await code(
      collectPages(registry.repository('no/such').listEntries!({ signal: quietSignal() })),
    );
    expect(['NOT_FOUND', []]).toContainEqual(tags);
  });

  it.skipIf(!here)('gives blobs whole and in parts', async () => {
    const target = registry.repository('team/app');
    const { bytes, descriptor } = await target.fetchManifest('1.0', { signal: quietSignal() });
    const [layer] = (parseManifest(bytes, descriptor.mediaType) as ManifestDocument).layers;
    expect((await collect(target.readBlob(layer!, { signal: quietSignal() }))).equals(file)).toBe(true);
    const part = await collect(
      target.readBlob(layer!, { offset: 1_234_567, length: 1000, signal: quietSignal() }),
    );
    expect(part.equals(file.subarray(1_234_567, 1_235_567))).toBe(true);
    const wrong = { ...layer!, size: layer!.size - 1 };
    await expect(collect(target.readBlob(wrong, { signal: quietSignal() }))).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
  });

  it.skipIf(!here)(
    'lists referrers by the API, or says that it has none; the fallback tag is an index then',
    async () => {
      const target = registry.repository('team/app');
      const answer = await target.referrers!.list(subject, { signal: quietSignal() });
      const tag = subject.replace(':', '-');
      if (kind === 'olareg') {
        expect(answer).toMatchObject({
          outcome: 'listed',
          referrers: [{ artifactType: 'application/spdx+json' }],
        });
        const none = await target.referrers!.list(`sha256:${'0'.repeat(64)}` as Digest, {
          signal: quietSignal(),
        });
        expect(none).toEqual({ outcome: 'listed', referrers: [] });
      } else {
        expect(answer).toMatchObject({ outcome: 'unsupported', reason: expect.stringContaining('404') });
        const { bytes, descriptor } = await target.fetchManifest(tag, { signal: quietSignal() });
        expect(parseManifest(bytes, descriptor.mediaType)).toMatchObject({
          form: 'index',
          manifests: [{ artifactType: 'application/spdx+json' }],
        });
      }
    },
  );
});

describe('distribution with htpasswd', () => {
  const kind: RealRegistryKind = 'distribution-3';
  it.skipIf(!hasRealRegistry(kind))('lets the account in, and nobody else', async () => {
    const server = await startRealRegistry(kind, { account: true });
    try {
      const probe = async (credentials = NOBODY): Promise<unknown> => {
        const registry = createRegistry({ host: server.host, credentials, onWarning: () => undefined });
        const outcome = await registry
          .probe({ signal: quietSignal() })
          .catch((error: unknown) => (error as { code: string }).code);
        const tags = await collectPages(
          registry.repository('a').listEntries!({ signal: quietSignal() }),
        ).catch((error: unknown) => (error as { code: string }).code);
        await registry.close();
        return [outcome, tags];
      };
      const { username, password } = TEST_ACCOUNT;
      expect(await probe(always(passwordCredentials(username, password)))).toEqual([
        { plainHttp: true },
        'NOT_FOUND',
      ]);
      expect(await probe(always(passwordCredentials(username, 'wrong')))).toEqual([
        'UNAUTHORIZED',
        'UNAUTHORIZED',
      ]);
      expect(await probe()).toEqual(['UNAUTHORIZED', 'UNAUTHORIZED']);
    } finally {
      await server.close();
    }
  });
});

describe('crane’s registry', () => {
  it.skipIf(!hasRealRegistry('crane') || oras === undefined)('is read like any other', async () => {
    const server = await startRealRegistry('crane');
    const work = await mkdtemp(path.join(tmpdir(), 'tallyman-oras-'));
    const registry = createRegistry({ host: server.host, credentials: NOBODY, onWarning: () => undefined });
    try {
      await writeFile(path.join(work, 'a.txt'), 'hello');
      await runOras(['push', '--plain-http', `${server.host}/team/app:1.0`, 'a.txt'], work);
      const target = registry.repository('team/app');
      const { bytes, descriptor } = await target.fetchManifest('1.0', { signal: quietSignal() });
      const [layer] = (parseManifest(bytes, descriptor.mediaType) as ManifestDocument).layers;
      expect((await collect(target.readBlob(layer!, { signal: quietSignal() }))).toString()).toBe('hello');
      expect(await collectPages(target.listEntries!({ signal: quietSignal() }))).toEqual([{ tag: '1.0' }]);
      expect(await collectPages(registry.listRepositories({ signal: quietSignal() }))).toEqual(['team/app']);
    } finally {
      await registry.close();
      await server.close();
      await rm(work, { recursive: true, force: true });
    }
  });
});
