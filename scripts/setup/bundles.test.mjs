import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureBundles } from './bundles.mjs';
import { NODE_BUNDLES } from './node-bundle.mjs';

let root = '';
/** @type {string[]} */
let said = [];
/** @param {string} line */
const say = (line) => void said.push(line);
/**
 * @param {string} file
 * @param {string} text
 */
const put = async (file, text) => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};
const built = () => ensureBundles(root, say);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'tallyman bundles '));
  said = [];
  for (const { entry } of Object.values(NODE_BUNDLES))
    await put(entry, `console.log(${JSON.stringify(entry)});`);
  await put('shared/x.ts', 'export {};');
  await put('scripts/setup/x.mjs', '');
  await put('renderer/index.html', '<!doctype html><script type="module" src="/main.ts"></script>');
  await put('renderer/main.ts', 'document.title = "x";');
  await put('vite.config.ts', "export default { build: { outDir: '../dist/renderer', emptyOutDir: true } };");
  await put(
    'package.json',
    '{"name":"tallyman","type":"module","version":"0.1.0","main":"dist/app/main.mjs","dependencies":{"x":"1"}}',
  );
  await put('package-lock.json', '{}');
});
afterEach(() => rm(root, { recursive: true }));

describe('the build', () => {
  it('makes every bundle once, and again when a source changed, came or went', async () => {
    await built();
    expect(said).toEqual(['Building Tallyman …']);
    for (const file of [
      'app/main.mjs',
      'app/preload.cjs',
      'loopback/serve.mjs',
      'cli/run.mjs',
      'renderer/index.html',
    ]) {
      expect(await readFile(path.join(root, 'dist', file), 'utf8'), file).not.toBe('');
    }
    await built();
    expect(said).toHaveLength(1);

    await put('app/main.ts', 'console.log("changed");');
    await built();
    expect(said).toHaveLength(2);
    expect(await readFile(path.join(root, 'dist/app/main.mjs'), 'utf8')).toContain('changed');

    await put('shared/new.ts', 'export {};');
    await built();
    await rm(path.join(root, 'shared/new.ts'));
    await built();
    expect(said).toHaveLength(4);
    // A checkout gives a file of the same size another time.
    await utimes(path.join(root, 'shared/x.ts'), new Date(), new Date(0));
    await built();
    expect(said).toHaveLength(5);
  });

  it('is not made again for a test', async () => {
    await built();
    await put('app/main.test.ts', 'x');
    await put('main/testing/x.ts', 'x');
    await built();
    expect(said).toHaveLength(1);
  });

  it('lists the files of the window with their types, and stops at a file of a type that it does not know', async () => {
    await built();
    const assets = JSON.parse(await readFile(path.join(root, 'dist/assets.json'), 'utf8'));
    expect(assets['/index.html']).toEqual({ file: 'index.html', type: 'text/html; charset=utf-8' });
    const script = Object.entries(assets).find(([place]) => /^\/assets\/index-.+\.js$/.test(place))?.[1];
    expect(script).toMatchObject({ type: 'text/javascript; charset=utf-8' });
    await put('renderer/public/odd.exe', 'x');
    await expect(built()).rejects.toThrow('odd.exe');
    await expect(built()).rejects.toThrow('odd.exe'); // still stale
  });

  it('gives the package a name, a version and no dependencies', async () => {
    await built();
    expect(JSON.parse(await readFile(path.join(root, 'dist/package.json'), 'utf8'))).toEqual({
      name: 'tallyman',
      version: '0.1.0',
      private: true,
      main: 'app/main.mjs',
    });
  });

  it('is made once when two ask for it at the same time', async () => {
    await Promise.all([built(), built()]);
    expect(said).toHaveLength(1);
  });

  it('does not wait for a build that died', async () => {
    await put('dist/building', '999999999');
    await built();
    expect(said).toHaveLength(1);
  });
});
