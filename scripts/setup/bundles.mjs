import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_BUNDLES, nodeBundle } from './node-bundle.mjs';

/** What the bundles are made of, and by. */
const SOURCES = [
  'app',
  'main',
  'renderer',
  'shared',
  'scripts/setup',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
];
const NOT_A_SOURCE = /\.test\.tsx?$|[\\/]testing([\\/]|$)|[\\/]dev\.html$/;

/** Media types of the window's files; a file of another kind stops the build. */
const ASSET_TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
]);

/**
 * Makes dist/ when a source was changed, added or removed since; otherwise does nothing. Two runs at once take turns.
 *
 * @param {string} root folder of package.json
 * @param {(line: string) => void} say gets one line when there is work to do
 */
export async function ensureBundles(root, say) {
  if (await isCurrent(root, await sourceState(root))) return;
  const release = await takeTurn(root);
  try {
    const state = await sourceState(root);
    if (await isCurrent(root, state)) return; // somebody else built it meanwhile
    say('Building Tallyman …');
    const mode = process.env['NODE_ENV'];
    await build(root, state);
    // Vite leaves "production" there, and tests run by this process would be given React without its test tools.
    if (mode === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = mode;
  } finally {
    await release();
  }
}

/**
 * @param {string} root
 * @param {string} state of the sources before the build began: a change during the build makes it stale again
 */
async function build(root, state) {
  await rm(stampFile(root), { force: true });
  const vite = await import('vite');
  await vite.build({
    configFile: path.join(root, 'vite.config.ts'),
    root: path.join(root, 'renderer'),
    logLevel: 'warn',
  });
  for (const name of /** @type {(keyof typeof NODE_BUNDLES)[]} */ (Object.keys(NODE_BUNDLES))) {
    await vite.build(nodeBundle(root, name));
  }
  await writeAssetMap(path.join(root, 'dist'));
  await writePackage(root);
  await writeFile(stampFile(root), state);
}

/**
 * Lists the files of the window for the two hosts, which serve what is in this list and nothing else.
 *
 * @param {string} dist
 */
async function writeAssetMap(dist) {
  const folder = path.join(dist, 'renderer');
  /** @type {Record<string, { file: string, type: string }>} */
  const assets = {};
  for (const file of await filesBelow(folder)) {
    const type = ASSET_TYPES.get(path.extname(file));
    if (type === undefined)
      throw new Error(`${file}: no media type is known for it (scripts/setup/bundles.mjs).`);
    assets[`/${file.split(path.sep).join('/')}`] = { file, type };
  }
  await writeFile(path.join(dist, 'assets.json'), `${JSON.stringify(assets, undefined, 1)}\n`);
}

/**
 * Makes dist/ a package without dependencies, which electron-builder packs as it is.
 *
 * @param {string} root
 */
async function writePackage(root) {
  const { name, version, description, author, license, main } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  const packed = {
    name,
    version,
    description,
    author,
    license,
    private: true,
    main: path.posix.relative('dist', main),
  };
  await writeFile(path.join(root, 'dist', 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`);
}

/**
 * One text that changes with every source: names, sizes and times, which take milliseconds to read.
 *
 * @param {string} root
 */
async function sourceState(root) {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesBelow(path.join(root, source))) {
      const name = path.join(source, file);
      if (NOT_A_SOURCE.test(name)) continue;
      const { size, mtimeMs } = await stat(path.join(root, name));
      hash.update(`${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} state
 */
async function isCurrent(root, state) {
  return (await readFile(stampFile(root), 'utf8').catch(() => '')) === state;
}

/** @param {string} root */
const stampFile = (root) => path.join(root, 'dist', 'build-stamp');

/**
 * Paths relative to `place`, sorted; '' when it is a file itself.
 *
 * @param {string} place
 * @returns {Promise<string[]>}
 */
async function filesBelow(place) {
  if ((await stat(place)).isFile()) return [''];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Waits for another build of the same folder to end.
 *
 * @param {string} root
 * @returns {Promise<() => Promise<void>>} gives the turn back
 */
async function takeTurn(root) {
  const lock = path.join(root, 'dist', 'building');
  await mkdir(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return () => rm(lock, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    await sleep(200);
  }
}

/** @param {number} processId */
function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
