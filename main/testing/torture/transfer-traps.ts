import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom } from '../crash-states.ts';
import type { Fault, PassingRequest } from '../fault-proxy.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile } from './transfer-world.ts';

/** What a registry may do to the request that goes on with a download. */
const TRAPS: Readonly<Record<string, (size: number) => Fault>> = {
  'the whole again': () => ({ kind: 'change', request: { range: undefined, 'if-range': undefined } }),
  'the whole again, called a part': () => ({
    kind: 'change',
    request: { range: undefined, 'if-range': undefined },
    status: 206,
  }),
  'another part': (size) => ({ kind: 'change', answer: { 'content-range': `bytes 7-${size - 1}/${size}` } }),
  'a part of something larger': (size) => ({
    kind: 'change',
    answer: { 'content-range': `bytes 0-${size}/${size + 1}` },
  }),
  'a part without its place': () => ({ kind: 'change', answer: { 'content-range': undefined } }),
  'other bytes': () => ({ kind: 'change', bytes: (chunk) => Buffer.from(chunk.map((byte) => byte ^ 1)) }),
  'other bytes under another ETag': () => ({
    kind: 'change',
    request: { range: undefined, 'if-range': undefined },
    answer: { etag: '"other"' },
    bytes: (chunk) => Buffer.from(chunk.map((byte) => byte ^ 1)),
  }),
  'no such range': () => ({ kind: 'answer', status: 416 }),
  'not allowed any more': () => ({ kind: 'answer', status: 403 }),
  gone: () => ({ kind: 'answer', status: 404 }),
};

/**
 * Check 39: a pull is cut in the middle, and what answers its going on is a trap. It ends with the right file or with a typed error and
 * no file; a second try without the trap always ends with the right file. At most one whole is fetched again.
 */
export async function transferTraps(
  { folder, seed, signal }: TortureSurroundings,
  { size }: { readonly size: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    const file = await world.file('trapped', size);
    const pushed = await world.run(await world.push(file));
    if (pushed.state !== 'done')
      throw new Error(`The push ended as ${pushed.state}: ${pushed.error?.message ?? ''}`);
    const pulled = path.join(world.pulled, 'trapped');
    const isBlob = ({ method, target }: PassingRequest): boolean =>
      method === 'GET' && target.endsWith(file.sha256);

    for (const [name, trap] of Object.entries(TRAPS)) {
      signal.throwIfAborted();
      world.proxy.forget();
      let asked = 0;
      world.proxy.spoil((request) => {
        if (!isBlob(request)) return undefined;
        asked += 1;
        if (asked === 1)
          return { kind: 'cut', after: Math.floor(size * (0.3 + 0.4 * random())), how: 'reset' };
        return asked === 2 ? trap(size) : undefined;
      });
      const violations: string[] = [];
      const job = await world.run(await world.pull(file));
      tally.note(name, job.state === 'done' ? 'finished' : (job.error?.code ?? job.state));
      const found = await sha256OfFile(pulled);
      if (job.state === 'done' && found !== file.sha256)
        violations.push(`${name}: the file has other bytes.`);
      if (job.state !== 'done' && found !== undefined)
        violations.push(`${name}: it failed, and there is a file.`);
      if (job.error?.code === 'INTERNAL') violations.push(`${name}: ${job.error.message}`);
      if (world.proxy.sentToClient > 2.8 * size)
        violations.push(`${name}: ${world.proxy.sentToClient} bytes for ${size}.`);
      world.proxy.forget();
      if (job.state !== 'done') {
        await world.host.call('transfers.retry', { ids: [job.id] });
        const again = await world.reach(job.id);
        if (again.state !== 'done' || (await sha256OfFile(pulled)) !== file.sha256)
          violations.push(`${name}: the second try ended as ${again.state}: ${again.error?.message ?? ''}`);
      }
      const left = (await readdir(world.pulled)).filter((each) => each !== 'trapped');
      if (left.length > 0) violations.push(`${name}: ${left.join(', ')} stayed.`);
      tally.round(violations);
      await rm(world.pulled, { recursive: true, force: true });
    }
  } finally {
    await world.close();
  }
  return tally.report();
}
