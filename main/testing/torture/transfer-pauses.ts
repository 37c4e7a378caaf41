import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../crash-states.ts';
import { openUploads } from './open-uploads.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile } from './transfer-world.ts';

/** Bytes that one pause may cost: what was on its way. */
const LOST_PER_PAUSE = 20 * 1024 * 1024;
const LOOK_MS = 2;

/**
 * A push and a pull that are paused again and again: no request is under way when the pause is answered, and going on neither sends nor
 * fetches again what was there.
 */
export async function transferPauses(
  { folder, seed, signal }: TortureSurroundings,
  { size, pauses }: { readonly size: number; readonly pauses: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  const { host, proxy, served } = world;
  try {
    const file = await world.file('paused', size);
    for (const kind of ['push', 'pull'] as const) {
      proxy.forget();
      const passed = (): number => (kind === 'push' ? proxy.receivedFromClient : proxy.sentToClient);
      const violations: string[] = [];
      const id = await world.start(kind === 'push' ? await world.push(file) : await world.pull(file));
      for (let round = 0; round < pauses; round += 1) {
        const place = ((round + 0.3 + 0.4 * random()) / pauses) * size;
        while (passed() < place && (await world.reach(id, 'running')).state === 'running')
          await pause(LOOK_MS);
        await host.call('transfers.pause', { ids: [id] });
        const { state } = await world.reach(id, 'paused');
        tally.count(`${kind}: ${state}`);
        if (state !== 'paused') break;
        // The proxy hears of a closed connection a moment later.
        for (let look = 0; proxy.underWay > 0 && look < 100; look += 1) await pause(10);
        if (proxy.underWay > 0)
          violations.push(`${kind}: ${proxy.underWay} requests are under way in a pause.`);
        await host.call('transfers.resume', { ids: [id] });
      }
      const job = await world.reach(id);
      if (job.state !== 'done')
        violations.push(`The ${kind} ended as ${job.state}: ${job.error?.message ?? ''}`);
      const over = passed() - size;
      tally.note(`${kind}: bytes again`, over);
      if (over > pauses * LOST_PER_PAUSE) violations.push(`${kind}: ${over} of ${size} bytes passed again.`);
      if (kind === 'pull' && (await sha256OfFile(path.join(world.pulled, 'paused'))) !== file.sha256)
        violations.push('The file has other bytes.');
      const unfinished = await openUploads(served.folder);
      if (unfinished.length > 0)
        violations.push(`${kind}: ${unfinished.length} uploads were left unfinished.`);
      tally.round(violations);
    }
  } finally {
    await world.close();
  }
  return tally.report();
}
