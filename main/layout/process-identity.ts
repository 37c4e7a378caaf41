import { readFile, readlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { errnoOf } from './file-error.ts';

/** A running process, so described that another one can tell later whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in a unit of the system; tells a reused pid apart. Absent where the system does not say. */
  readonly startTime?: string;
  /** Changes with every start of the machine. Absent where the system does not say. */
  readonly bootId?: string;
  /** The machine, and on Linux the namespace in which the pid counts: of others nothing can be told. */
  readonly place: string;
}

/** `unknown`: it runs, or ran, on another machine or in another container. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** Tells processes of this machine apart; tests give another one. */
export interface ProcessTable {
  self(): Promise<ProcessIdentity>;
  liveness(identity: ProcessIdentity): Promise<Liveness>;
  /** When the machine was started, in milliseconds since 1970: what was made before belongs to nobody who lives. */
  machineStart(): number;
}

/** Where only the time since the start is known, two starts this close to each other count as one. */
const BOOT_TOLERANCE_MS = 120_000;

export const systemProcesses: ProcessTable = {
  async self() {
    const [startTime, bootId, place] = await Promise.all([
      startTimeOf(process.pid),
      readBootId(),
      readPlace(),
    ]);
    return {
      pid: process.pid,
      ...(startTime === undefined ? {} : { startTime }),
      ...(bootId === undefined ? {} : { bootId }),
      place,
    };
  },

  async liveness(identity) {
    if (identity.place !== (await readPlace())) return 'unknown';
    const bootId = await readBootId();
    if (identity.bootId !== undefined && bootId !== undefined && !isSameBoot(identity.bootId, bootId))
      return 'dead';
    if (!(await isRunning(identity.pid))) return 'dead';
    const startTime = await startTimeOf(identity.pid);
    return identity.startTime !== undefined && startTime !== undefined && startTime !== identity.startTime
      ? 'dead'
      : 'alive';
  },

  machineStart: () => Date.now() - uptime() * 1000,
};

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'; // EPERM: it runs, as somebody else
  }
  const state = (await readStat(pid))?.[0];
  return state !== 'Z' && state !== 'X'; // ended, and not yet collected by its parent
}

/** Clock ticks after the start of the machine (proc(5), field 22 of `stat`). */
async function startTimeOf(pid: number): Promise<string | undefined> {
  return (await readStat(pid))?.[19];
}

/** The fields of `/proc/PID/stat` behind the name, which may hold anything; undefined on other systems. */
async function readStat(pid: number): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

let knownBootId: Promise<string | undefined> | undefined;

function readBootId(): Promise<string | undefined> {
  knownBootId ??=
    process.platform === 'linux'
      ? readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
          (text) => text.trim(),
          () => undefined,
        )
      : Promise.resolve(`since ${Math.round(systemProcesses.machineStart())}`);
  return knownBootId;
}

function isSameBoot(left: string, right: string): boolean {
  if (left === right) return true;
  const [leftSince, rightSince] = [left, right].map((text) => /^since (\d{1,16})$/.exec(text)?.[1]);
  if (leftSince === undefined || rightSince === undefined) return false;
  return Math.abs(Number(leftSince) - Number(rightSince)) <= BOOT_TOLERANCE_MS;
}

let knownPlace: Promise<string> | undefined;

function readPlace(): Promise<string> {
  knownPlace ??= readlink('/proc/self/ns/pid').then(
    (namespace) => `${hostname()} ${namespace}`,
    () => hostname(),
  );
  return knownPlace;
}
