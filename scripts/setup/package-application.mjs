import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureElectron } from './electron-runtime.mjs';

const MADE = /** @type {Record<string, readonly [string, string]>} */ ({
  darwin: [process.arch === 'arm64' ? 'mac-arm64' : 'mac', 'Tallyman.app/Contents/MacOS/Tallyman'],
  win32: ['win-unpacked', 'Tallyman.exe'],
  linux: [process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`, 'tallyman'],
});

/**
 * Packs the built application with the Electron runtime of this machine. electron-builder downloads nothing for a plain folder.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<{ readonly executable: string } | { readonly reason: string }>}
 */
export async function packageApplication(root, say) {
  const runtime = await ensureElectron(root, say);
  if ('reason' in runtime) return runtime;
  const [folder, program] = MADE[process.platform] ?? [];
  if (folder === undefined || program === undefined)
    return { reason: `no package is made for ${process.platform}` };
  const { version } = JSON.parse(
    await readFile(path.join(root, 'node_modules', 'electron', 'package.json'), 'utf8'),
  );
  say('Packing the application …');
  // Outside the repository, where electron-builder finds no node_modules to add.
  const project = await mkdtemp(path.join(tmpdir(), 'tallyman-package-'));
  try {
    await cp(path.join(root, 'dist'), project, { recursive: true });
    const complaint = await pack(root, project, [
      `-c.electronDist=${runtime.folder}`,
      `-c.electronVersion=${version}`,
    ]);
    if (complaint !== undefined) return { reason: complaint };
  } finally {
    await rm(project, { recursive: true, force: true });
  }
  // What the runtime runs when it is given no application; a package has its own.
  if (process.platform !== 'darwin')
    await rm(path.join(root, 'release', folder, 'resources', 'default_app.asar'), { force: true });
  return { executable: path.join(root, 'release', folder, program) };
}

/**
 * @param {string} root
 * @param {string} project folder with package.json and what goes into the package
 * @param {readonly string[]} settings
 * @returns {Promise<string | undefined>} what electron-builder said when it failed
 */
async function pack(root, project, settings) {
  const words = [
    '--dir',
    '--publish',
    'never',
    '--projectDir',
    project,
    '--config',
    path.join(root, 'electron-builder.yml'),
  ];
  const folders = [
    `-c.directories.output=${path.join(root, 'release')}`,
    `-c.directories.buildResources=${path.join(root, 'app', 'resources')}`,
  ];
  const program = path.join(root, 'node_modules', 'electron-builder', 'cli.js');
  const child = spawn(process.execPath, [program, ...words, ...folders, ...settings], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  return code === 0 ? undefined : `electron-builder ended with ${code}:\n${output.trimEnd()}`;
}
