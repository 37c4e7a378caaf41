import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom } from '../crash-states.ts';
import { startChild } from '../start-child.ts';
import { prepareLayout, type NameEvent } from './all-operations.ts';
import { afterwards, ERRNOS } from './failing-calls.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** System calls by which a layout is changed, as the file system's threads make them. */
const SYSTEM_CALLS = ['pwrite64', 'fsync', 'rename', 'openat', 'unlink', 'mkdir'] as const;

/** A process that does not end is killed then. */
const ENDS_WITHIN_MS = 60_000;

/**
 * Check 32, from outside: strace lets the n-th system call of a real process fail, once or from there on. As `failingCalls`,
 * and nothing between Node and the kernel is left out.
 */
export async function injectedCalls(
  { folder, child, seed, signal }: TortureSurroundings,
  { runs, upTo }: { readonly runs: number; readonly upTo: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const reason = whyNoStrace();
  if (reason !== undefined) {
    tally.skip(reason);
    return tally.report();
  }
  const random = seededRandom(seed);
  const [layout, template] = [path.join(folder, 'store'), path.join(folder, 'template')];
  await mkdir(folder, { recursive: true });
  const before = await prepareLayout(template, {});
  let done = 0;
  for (; done < runs && !signal.aborted; done += 1) {
    await rm(layout, { recursive: true, force: true });
    await cp(template, layout, { recursive: true });
    const call = SYSTEM_CALLS[done % SYSTEM_CALLS.length] ?? 'fsync';
    const errno = ERRNOS[Math.floor(done / SYSTEM_CALLS.length) % ERRNOS.length] ?? 'EIO';
    const at = 1 + Math.floor(random() * upTo);
    const persistent = random() < 0.5;
    const fault = `${call}:error=${errno}:when=${at}${persistent ? '+' : ''}`;
    const { lines, errors, injected } = await runTraced(child, layout, fault, call);
    const changes = lines.flatMap(readChange);
    const end = lines.at(-1) ?? 'nothing';
    tally.count(injected ? `${call} failed` : 'ended before the call came');
    tally.count(end === 'ended' ? 'ended in success' : 'ended in an error');
    const violations = [
      ...(/^(?:ended$|failed (?!INTERNAL))/.test(end) ? [] : [`ended with ${end}: ${errors}`]),
      ...(await afterwards(layout, before, changes)),
    ];
    tally.round(violations.map((violation) => `${fault}: ${violation}`));
  }
  tally.unfinished(signal, done, runs);
  return tally.report();
}

/** Why system calls cannot be made to fail here; undefined when they can. */
export function whyNoStrace(): string | undefined {
  if (process.platform !== 'linux') return 'strace is for Linux';
  const tried = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  if (tried.error !== undefined) return 'strace is not on this machine';
  return tried.status === 0 ? undefined : `strace may not trace here: ${tried.stderr.trim()}`;
}

async function runTraced(
  program: string,
  layout: string,
  fault: string,
  call: string,
): Promise<{ readonly lines: readonly string[]; readonly errors: string; readonly injected: boolean }> {
  const running = startChild(
    program,
    { what: 'operations', layout },
    { ...process.env, UV_THREADPOOL_SIZE: '1' },
  );
  const limit = setTimeout(() => running.process.kill('SIGKILL'), ENDS_WITHIN_MS);
  await running.line('ready');
  const tracer = spawn(
    'strace',
    ['-f', '-p', String(running.process.pid), '-e', `trace=${call}`, '-e', `inject=${fault}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let traced = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => (traced += text));
  const tracing = new Promise((resolve) => tracer.on('close', resolve));
  while (!traced.includes('attached') && tracer.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  running.process.stdin.write('go\n');
  await running.ended;
  await tracing;
  clearTimeout(limit);
  const lines = running.lines.filter((line) => line !== 'ready');
  return { lines, errors: running.errors(), injected: traced.includes('(INJECTED)') };
}

function readChange(line: string): readonly NameEvent[] {
  const [event, name, meaning] = line.split(' ');
  if ((event !== 'begun' && event !== 'confirmed') || name === undefined) return [];
  return [{ event, name, meaning: meaning === 'nothing' ? undefined : meaning }];
}
