import { readdir, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../crash-states.ts';
import { openUploads } from './open-uploads.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, type TransferWorld } from './transfer-world.ts';

/** Milliseconds between two looks at what is still open. */
const LOOK_MS = 10;

/**
 * Check 43: pushes and pulls that are cancelled at random moments. Within the limit no request is under way, the registry has no unfinished
 * upload, the folder of a pull has no unfinished file, and nothing is half published; at the end no file or socket is open
 * that was not at the beginning.
 *
 * @param limit - milliseconds from the cancel until all of that must be so
 */
export async function transferCancels(
  { folder, seed, signal }: TortureSurroundings,
  { size, cancels, limit }: { readonly size: number; readonly cancels: number; readonly limit: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    const file = await world.file('cancelled', size);
    const push = await world.push(file);
    // How long one takes that is left alone; it also opens what stays open: connections, the journal.
    const begun = performance.now();
    const whole = await world.run(push);
    const duration = performance.now() - begun;
    if (whole.state !== 'done')
      throw new Error(`The first push ended as ${whole.state}: ${whole.error?.message ?? ''}`);
    const filesBefore = await openFiles();
    let longest = 0;

    for (let round = 1; round <= cancels && !signal.aborted; round += 1) {
      const isPush = random() < 0.5;
      const target = {
        ...world.target,
        repository: isPush ? `team/round-${round}` : world.target.repository,
      };
      const request = isPush ? { ...push, target } : await world.pull(file);
      const id = await world.start(request);
      await pause(random() * duration);
      const asked = performance.now();
      await world.host.call('transfers.cancel', { ids: [id] });
      let left = await stillThere(world, target.repository, isPush);
      while (left.length > 0 && performance.now() - asked < limit) {
        await pause(LOOK_MS);
        left = await stillThere(world, target.repository, isPush);
      }
      const took = performance.now() - asked;
      longest = Math.max(longest, took);
      const { state } = await world.reach(id);
      tally.count(`${isPush ? 'pushes' : 'pulls'} ${state}`);
      const violations = left.map(
        (what) => `round ${round}, ${isPush ? 'push' : 'pull'}, after ${took.toFixed(0)} ms: ${what}`,
      );
      if (state !== 'cancelled' && state !== 'done') violations.push(`round ${round}: the job is ${state}`);
      tally.round(violations);
      await rm(world.pulled, { recursive: true, force: true });
      await world.host.call('transfers.clear', {});
    }
    tally.note('longest release', `${longest.toFixed(0)} ms`);
    tally.unfinished(signal, 0, 1);
    const filesAfter = await openFiles();
    // Idle connections come and go; a leak would grow with the rounds.
    if (filesBefore !== undefined && filesAfter !== undefined) {
      tally.note('open files', `${filesBefore} before, ${filesAfter} after`);
      if (filesAfter > filesBefore + 20)
        tally.round([`${filesAfter - filesBefore} more files are open than before.`]);
    }
  } finally {
    await world.close();
  }
  return tally.report();
}

async function stillThere(
  { proxy, served, pulled }: TransferWorld,
  repository: string,
  isPush: boolean,
): Promise<string[]> {
  const left: string[] = [];
  if (proxy.underWay > 0) left.push(`${proxy.underWay} requests are under way`);
  const uploads = await openUploads(served.folder);
  if (uploads.length > 0) left.push(`${uploads.length} uploads are unfinished`);
  if (isPush) {
    const answer = await served.send(`/v2/${repository}/manifests/cancelled`, { method: 'HEAD' });
    // A push that was done in the same moment is whole; one that was not has no tag.
    if (answer.status !== 404 && answer.status !== 200) left.push(`the registry answers ${answer.status}`);
  } else {
    const names = await readdir(pulled).catch(() => []);
    if (names.some((name) => name !== 'cancelled')) left.push(`the folder has ${names.join(', ')}`);
  }
  return left;
}

/** Open files and sockets of this process; undefined where the system does not say. */
async function openFiles(): Promise<number | undefined> {
  return (await readdir('/proc/self/fd').catch(() => undefined))?.length;
}
