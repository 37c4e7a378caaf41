import { seededRandom } from '../crash-states.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld } from './transfer-world.ts';
import { openUploads } from './open-uploads.ts';

/** Parts that are refused although they are the right ones: each time they are cut in half, as for a proxy that takes no more. */
const REFUSALS_LIMIT = 3;

/**
 * Check 42: an upload in parts of which answers get lost, connections break in the middle of a part, and parts are refused as being out of
 * order. The registry ends with exactly the right blob and without an unfinished upload.
 */
export async function transferLostReplies(
  { folder, seed, signal }: TortureSurroundings,
  { size, faults }: { readonly size: number; readonly faults: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    let left = faults;
    let refusals = 0;
    world.proxy.spoil(({ method, target }) => {
      const isPart = method === 'PATCH' || (method === 'PUT' && target.includes('/uploads/'));
      if (!isPart || left === 0 || random() < 0.3) return undefined;
      left -= 1;
      const drawn = random();
      if (drawn < 0.4) {
        tally.count(`answers to ${method} lost`);
        return { kind: 'lose-answer' };
      }
      if (drawn < 0.8 || method === 'PUT') {
        tally.count(`requests ${method} cut`);
        return { kind: 'cut-request', after: Math.floor(random() * 12 * 1024 * 1024) };
      }
      // A registry that refuses parts for no reason again and again is one that takes no parts.
      refusals += 1;
      if (refusals > REFUSALS_LIMIT) return undefined;
      tally.count('parts refused with 416');
      return { kind: 'answer', status: 416 };
    });
    const file = await world.file('lost', size);
    const job = await world.run(await world.push(file));
    const { served, target } = world;
    const blob = await served.send(`/v2/${target.repository}/blobs/sha256:${file.sha256}`, {
      method: 'HEAD',
    });
    const again = world.proxy.receivedFromClient - size;
    tally.note('bytes again', again);
    const unfinished = await openUploads(served.folder);
    tally.round([
      ...(job.state === 'done' ? [] : [`The push ended as ${job.state}: ${job.error?.message ?? ''}`]),
      ...(blob.status === 200 && Number(blob.headers['content-length']) === size
        ? []
        : ['The blob is not there.']),
      ...(unfinished.length === 0 ? [] : [`${unfinished.length} uploads were left unfinished.`]),
    ]);
  } finally {
    await world.close();
  }
  return tally.report();
}
