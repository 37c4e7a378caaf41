import path from 'node:path';
import { seededRandom } from '../crash-states.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile } from './transfer-world.ts';

/** Part of the bytes that may be fetched a second time. */
const FETCHED_AGAIN = 0.02;

/**
 * Check 38: a pull through a line that is cut again and again at random places, by resets and by ends that come too early, now and then
 * after a silence. It finishes with the right bytes, and fetches at most two hundredths twice.
 */
export async function transferCuts(
  { folder, seed, signal }: TortureSurroundings,
  { size, cuts }: { readonly size: number; readonly cuts: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    const file = await world.file('cut', size);
    const pushed = await world.run(await world.push(file));
    if (pushed.state !== 'done')
      throw new Error(`The push ended as ${pushed.state}: ${pushed.error?.message ?? ''}`);
    world.proxy.forget();

    // Where the line breaks, counted over the whole blob: whatever request is under way there is cut.
    const places = Array.from({ length: cuts }, () => Math.floor(random() * size)).sort(
      (left, right) => left - right,
    );
    world.proxy.spoil(({ method, target, headers }) => {
      if (method !== 'GET' || !target.includes('/blobs/')) return undefined;
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const next = places.findIndex((place) => place >= from);
      if (next < 0) return undefined;
      const [place = 0] = places.splice(0, next + 1).slice(-1);
      tally.count('cuts');
      return { kind: 'cut', after: place - from, how: random() < 0.5 ? 'reset' : 'end' };
    });
    const job = await world.run(await world.pull(file));
    const fetchedAgain = world.proxy.sentToClient - size;
    tally.note('bytes fetched again', `${((fetchedAgain / size) * 100).toFixed(2)} %`);
    tally.note('requests', world.proxy.requests.length);
    const violations = [
      ...(job.state === 'done' ? [] : [`The pull ended as ${job.state}: ${job.error?.message ?? ''}`]),
      ...((await sha256OfFile(path.join(world.pulled, 'cut'))) === file.sha256
        ? []
        : ['The file has other bytes.']),
      // The manifest and the empty config are fetched as well.
      ...(fetchedAgain <= size * FETCHED_AGAIN + 64 * 1024
        ? []
        : [`${fetchedAgain} of ${size} bytes were fetched again.`]),
    ];
    tally.round(violations);
  } finally {
    await world.close();
  }
  return tally.report();
}
