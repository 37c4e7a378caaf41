import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDependencies } from './dependencies.mjs';

let root = '';
/** @type {string[]} */
let said = [];
/** @param {string} line */
const say = (line) => void said.push(line);
/** @param {object} packages */
const lock = (packages) => JSON.stringify({ lockfileVersion: 3, packages });

const wanted = {
  '': { name: 'x' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true },
};

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'tallyman dependencies '));
  said = [];
  await writeFile(path.join(root, 'package-lock.json'), lock(wanted));
});
afterEach(() => rm(root, { recursive: true }));

describe('the dependencies', () => {
  it('are left alone when npm has installed what the lock file names, packages of other platforms aside', async () => {
    await mkdir(path.join(root, 'node_modules'));
    await writeFile(
      path.join(root, 'node_modules', '.package-lock.json'),
      lock({ 'node_modules/a': { version: '1.0.0' } }),
    );
    await ensureDependencies(root, say);
    expect(said).toEqual([]);
  });

  it('are never installed through a link, which would empty what it leads to', async () => {
    const elsewhere = path.join(root, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, path.join(root, 'node_modules'));
    for (const installed of [{}, { 'node_modules/a': { version: '0.9.0' } }]) {
      await writeFile(path.join(elsewhere, '.package-lock.json'), lock(installed));
      await expect(ensureDependencies(root, say)).rejects.toThrow('is a link');
    }
    expect(said).toEqual([]);
  });
});
