import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { middle, type Benchmark, type BenchmarkContext, type BenchmarkRow } from './benchmark.ts';
import { CONTENT_SHAPES, makeContent, type ContentShape } from './content-shapes.ts';
import { settleDisk } from './run-bounded.ts';
import { startPeer } from './served-stores.ts';

/** Both tools take each in turn, so that whatever else the machine does meets both. */
const ROUNDS = 3;
/** Against the registry that has the referrers API, in a process of its own, with its content on the disk. */
const REGISTRY = 'olareg';
/** How many times as fast as oras many small files have to be. */
const SMALL_FILES_GOAL = { push: 2, pull: 4 } as const;
/** MiB that our process may need above what it needs for one file of a byte. */
const MEMORY_GOAL = 64;
/** Milliseconds between two looks at the memory of a process. */
const LOOK_EVERY = 20;

type What = 'push' | 'pull';
type Tool = 'ours' | 'oras';

/** One run of a program. */
interface Run {
  readonly milliseconds: number;
  /** Most memory that was resident, in MiB; NaN where the system does not tell. */
  readonly peak: number;
}

export const push: Benchmark = { name: 'push', run: (context) => runAll(context, 'push') };
export const pull: Benchmark = { name: 'pull', run: (context) => runAll(context, 'pull') };

/** `tallyman push` beside `oras push`, or the two pulls: whole processes, from their start to their end, against the same registry. */
async function runAll(context: BenchmarkContext, what: What): Promise<readonly BenchmarkRow[]> {
  const oras = context.peer('oras');
  if (oras === undefined || context.peer(REGISTRY) === undefined) {
    process.stderr.write(`bench: ${what} needs oras and ${REGISTRY} in TALLYMAN_PEERS\n`);
    return [];
  }
  const idle = await idleMemory(context, oras, what);
  const rows: BenchmarkRow[] = [];
  for (const shape of CONTENT_SHAPES) {
    const folder = await mkdtemp(path.join(context.work, 'content-'));
    const names = await makeContent(folder, shape);
    const runs: Record<Tool, Run[]> = { ours: [], oras: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const tool of ['ours', 'oras'] as const)
        runs[tool].push(await runOne({ context, oras, tool, what, folder, names, shape }));
    await rm(folder, { recursive: true });
    rows.push(rowOf(what, shape, runs, idle));
  }
  return rows;
}

interface OneRun {
  readonly context: BenchmarkContext;
  readonly oras: string;
  readonly tool: Tool;
  readonly what: What;
  readonly folder: string;
  readonly names: readonly string[];
  readonly shape: ContentShape;
}

/** Each run has a registry of its own: empty for a push, filled by oras for a pull. */
async function runOne({ context, oras, tool, what, folder, names, shape }: OneRun): Promise<Run> {
  const registry = await startPeer(REGISTRY);
  const pulled = await mkdtemp(path.join(context.work, 'pulled-'));
  const place = `${registry.host}/bench/app:v1`;
  const orasPush = ['push', '--plain-http', '--no-tty', place, ...names];
  const ours = [process.execPath, path.join(context.root, 'dist/cli/run.mjs')];
  try {
    if (what === 'push') {
      await settleDisk();
      return await (tool === 'ours'
        ? measure([...ours, 'push', place, ...names], folder)
        : measure([oras, ...orasPush], folder));
    }
    await measure([oras, ...orasPush], folder);
    await settleDisk();
    const run = await (tool === 'ours'
      ? measure([...ours, 'pull', place, '-o', pulled], pulled)
      : measure([oras, 'pull', '--plain-http', '--no-tty', '-o', pulled, place], pulled));
    await checkPulled(pulled, shape);
    return run;
  } finally {
    await registry.close();
    await rm(pulled, { recursive: true, force: true });
  }
}

async function checkPulled(folder: string, { name, count, size }: ContentShape): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.bin'));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size));
  if (sizes.length !== count || sizes.some((each) => each !== size))
    throw new Error(`Not all of ${name} came back.`);
}

/** What our process needs for one file of a byte. */
async function idleMemory(context: BenchmarkContext, oras: string, what: What): Promise<number> {
  const folder = await mkdtemp(path.join(context.work, 'content-'));
  const shape = { name: '1 byte', count: 1, size: 1 };
  const names = await makeContent(folder, shape);
  const { peak } = await runOne({ context, oras, tool: 'ours', what, folder, names, shape });
  return peak;
}

/** Runs a program with the settings of nobody and looks at its memory while it runs. */
function measure([program = '', ...words]: readonly string[], folder: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...process.env, HOME: folder, DOCKER_CONFIG: folder, INIT_CWD: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4096)));
    let peak = Number.NaN;
    const look = async (): Promise<void> => {
      // VmHWM is the peak itself, so that nothing between two looks is missed but what came after the last.
      const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8').catch(() => '');
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      if (kilobytes !== undefined) peak = Number(kilobytes) / 1024;
    };
    const timer = setInterval(() => void look(), LOOK_EVERY);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve({ milliseconds: performance.now() - start, peak });
      else reject(new Error(`${program} ${words[0] ?? ''} ended with ${code ?? 'a signal'}: ${errors}`));
    });
  });
}

function rowOf(
  what: What,
  { name, size }: ContentShape,
  runs: Readonly<Record<Tool, readonly Run[]>>,
  idle: number,
): BenchmarkRow {
  const times = (tool: Tool): readonly number[] => runs[tool].map(({ milliseconds }) => milliseconds);
  const [ours, theirs] = [middle(times('ours')), middle(times('oras'))];
  const peak = (tool: Tool): number => Math.max(...runs[tool].map((run) => run.peak));
  const isSmall = size < 1024 * 1024;
  const factor = isSmall ? SMALL_FILES_GOAL[what] : 1;
  const growth = peak('ours') - idle;
  return {
    work: `${what} ${name} (whole process)`,
    ours: ours.median,
    unit: 'ms',
    peer: { name: `oras ${what}`, figure: theirs.median },
    goal: {
      text: `${isSmall ? `${factor} times as fast` : 'not slower'}, idle + ${MEMORY_GOAL} MiB`,
      met: ours.median * factor <= theirs.median && !(growth > MEMORY_GOAL),
    },
    note: `${ours.note}; memory ${peak('ours').toFixed(0)} MiB, idle ${idle.toFixed(0)} MiB; oras ${peak('oras').toFixed(0)} MiB`,
  };
}
