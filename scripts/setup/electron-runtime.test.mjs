import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureElectron, findElectron } from './electron-runtime.mjs';

let root = '';
/** @type {string[]} */
let said = [];
/** @param {string} line */
const say = (line) => void said.push(line);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'tallyman runtime '));
  said = [];
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', '');
  await mkdir(path.join(root, 'node_modules', 'electron'), { recursive: true });
  await writeFile(
    path.join(root, 'node_modules', 'electron', 'package.json'),
    '{"name":"electron","version":"45.4.1"}',
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** @param {string} source */
const installer = (source) => writeFile(path.join(root, 'node_modules', 'electron', 'install.js'), source);

const downloads = `
  const fs = require('fs');
  fs.mkdirSync(__dirname + '/dist');
  fs.writeFileSync(__dirname + '/dist/electron', '');
  fs.writeFileSync(__dirname + '/dist/version', 'v45.4.1');
`;

describe.runIf(process.platform === 'linux')('the Electron runtime', () => {
  it('is downloaded by the package itself when it is missing, and then found', async () => {
    await installer(downloads);
    expect(findElectron(root)).toHaveProperty('reason');
    expect(await ensureElectron(root, say)).toEqual({
      executable: path.join(root, 'node_modules', 'electron', 'dist', 'electron'),
      folder: path.join(root, 'node_modules', 'electron', 'dist'),
    });
    expect(said).toEqual(['Downloading the Electron runtime …']);
    await ensureElectron(root, say);
    expect(said).toHaveLength(1);
  });

  it('is given up with the reason when the download fails', async () => {
    await installer(`console.error(new TypeError('fetch failed').stack); process.exit(1)`);
    expect(await ensureElectron(root, say)).toEqual({
      reason: 'the Electron runtime could not be downloaded: its site cannot be reached',
    });
    await installer(`console.error(new Error('HTTP 403 (Forbidden)').stack); process.exit(1)`);
    expect(await ensureElectron(root, say)).toEqual({
      reason: 'the Electron runtime could not be downloaded: HTTP 403 (Forbidden)',
    });
  });

  it('is given up when the download brings nothing, and nothing of it stays behind', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('tallyman-download-'));
    await installer('setInterval(() => {}, 1000)');
    expect(await ensureElectron(root, say, 300)).toEqual({
      reason: 'the Electron runtime could not be downloaded: no answer for 0.3 s',
    });
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('tallyman-download-'));
    expect(after).toEqual(before);
  });

  it('is waited for while the download goes on', async () => {
    await installer(`
      const fs = require('fs');
      let left = 8;
      const timer = setInterval(() => {
        fs.appendFileSync(process.env.TMPDIR + '/electron.zip', 'more');
        if (--left === 0) { clearInterval(timer); ${downloads} }
      }, 150);
    `);
    expect(await ensureElectron(root, say, 600)).toHaveProperty('executable');
  });

  it('comes from ELECTRON_OVERRIDE_DIST_PATH without a download when that is set', async () => {
    const folder = path.join(root, 'elsewhere');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder);
    expect(await ensureElectron(root, say)).toEqual({
      reason: 'ELECTRON_OVERRIDE_DIST_PATH names a folder without electron',
    });
    await mkdir(folder);
    await writeFile(path.join(folder, 'electron'), '');
    await chmod(path.join(folder, 'electron'), 0o755);
    expect(await ensureElectron(root, say)).toEqual({ executable: path.join(folder, 'electron'), folder });
    expect(said).toEqual([]);
    expect(existsSync(path.join(root, 'node_modules', 'electron', 'dist'))).toBe(false);
  });

  it('is not found when its version is another one than the package wants', async () => {
    const dist = path.join(root, 'node_modules', 'electron', 'dist');
    await mkdir(dist);
    await writeFile(path.join(dist, 'electron'), '');
    await writeFile(path.join(dist, 'version'), 'v44.0.0');
    expect(findElectron(root)).toHaveProperty('reason');
    await writeFile(path.join(dist, 'version'), 'v45.4.1');
    expect(findElectron(root)).toHaveProperty('executable');
  });
});
