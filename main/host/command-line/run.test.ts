import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSampleGraph } from '../../artifacts/sample-graph.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { startScriptedRegistry } from '../../testing/scripted-registry.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundles the program as `npm run build` does, into another folder. */
const BUNDLE = `
  import { build } from 'vite';
  import { nodeBundle } from './scripts/setup/node-bundle.mjs';
  const bundle = nodeBundle(process.cwd(), 'cli');
  await build({ ...bundle, build: { ...bundle.build, outDir: process.argv[1] } });
`;

let folder: string;
let program: string;

// The program as it is shipped: bundled into one folder, without node_modules, started by Node alone.
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tallyman-program-'));
  const dist = path.join(folder, 'dist', 'cli');
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', BUNDLE, dist], { cwd: ROOT });
  await writeFile(path.join(folder, 'package.json'), await readFile(path.join(ROOT, 'package.json')));
  program = path.join(dist, 'run.mjs');
  await mkdir(path.join(folder, 'work'));
  const writer = await createLayout(path.join(folder, 'work', 'release'));
  await createSampleGraph(writer);
  await writer.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  words: readonly string[],
  options: { readonly interruptOn?: Promise<unknown>; readonly closeOutput?: boolean } = {},
): Promise<Ended> {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: path.join(folder, 'home'),
    TALLYMAN_DATA: path.join(folder, 'never-made'),
    INIT_CWD: path.join(folder, 'work'),
  };
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  if (options.closeOutput === true) child.stdout.destroy();
  void options.interruptOn?.then(() => child.kill('SIGINT'));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

describe('the program tallyman', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(await start(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('reads paths from where the caller of npm stands, ends by itself, writes nothing to stderr, and makes no data folder', async () => {
    const { code, out, err } = await start(['graph', './release:sample', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      root: expect.stringMatching(/^sha256:/),
      nodes: expect.any(Array),
      edges: expect.any(Array),
    });
    expect(existsSync(path.join(folder, 'never-made'))).toBe(false);
  });

  it('ends with the codes that scripts decide by', async () => {
    expect((await start(['graph', './absent'])).code).toBe(1);
    expect((await start(['graph'])).code).toBe(2);
  });

  it('ends quietly when its reader goes away', async () => {
    const { err } = await start(['graph', './release:sample'], { closeOutput: true });
    expect(err).toBe('');
  });

  it('ends with 130 on Ctrl-C, while a registry keeps it waiting', async () => {
    let asked: (() => void) | undefined;
    const interruptOn = new Promise<void>((resolve) => (asked = resolve));
    const registry = await startScriptedRegistry(() => {
      asked?.();
      return { silent: true };
    });
    const ended = await start(['graph', `${registry.host}/team/app:1.0`], { interruptOn });
    await registry.close();
    expect(ended).toEqual({ code: 130, out: '', err: '' });
  });
});
