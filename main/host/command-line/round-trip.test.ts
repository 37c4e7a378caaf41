import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleForChild, type ChildProgram } from '../../testing/bundle-for-child.ts';
import { hasRealRegistry, startRealRegistry, type RealRegistry } from '../../testing/real-registries.ts';
import { peer } from '../../testing/surroundings.ts';

const SCRIPT = path.resolve('scripts/round-trip.sh');
const run = promisify(execFile);

/** What oras says of the manifests of the repository that the script fills. */
async function tagsLeft(oras: string, registry: RealRegistry): Promise<string> {
  const answer = run(oras, ['repo', 'tags', '--plain-http', `${registry.host}/team/report`]);
  return await answer.then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) =>
      (error as { stderr?: string }).stderr?.includes('not found') === true ? '' : String(error),
  );
}

it('the README shows the script as it is', async () => {
  const [readme, script] = await Promise.all([readFile('README.md', 'utf8'), readFile(SCRIPT, 'utf8')]);
  const body = script.slice(script.indexOf('# Push three files'));
  expect(body.length).toBeGreaterThan(500);
  expect(readme).toContain(body);
});

const oras = peer('oras');
const hasPeers = oras !== undefined && hasRealRegistry('olareg') && hasRealRegistry('distribution-3');

describe.skipIf(!hasPeers)(
  'the script of the README (skipped without the real oras, olareg and distribution)',
  () => {
    let program: ChildProgram;
    beforeAll(async () => {
      program = await bundleForChild(path.resolve('main/host/command-line/run.ts'));
    });
    afterAll(() => program.remove());

    it.each([
      ['olareg', 'distribution-3'],
      ['distribution-3', 'olareg'],
    ] as const)('goes from %s to %s and back, by the verbs alone', async (first, second) => {
      const registries = await Promise.all([startRealRegistry(first), startRealRegistry(second)]);
      onTestFinished(async () => {
        await Promise.all(registries.map((registry) => registry.close()));
      });
      const { stdout } = await run('sh', [SCRIPT, ...registries.map(({ host }) => host)], {
        env: { ...process.env, TALLYMAN: `${process.execPath} ${program.file}` },
      });
      expect(stdout).toContain('Nothing is wrong.');
      expect(stdout).toContain('SBOM · SPDX');
      expect(stdout.trimEnd()).toMatch(/There and back: every byte is the same\.$/);
      for (const registry of registries) expect(await tagsLeft(oras ?? '', registry)).toBe('');
    });
  },
);
