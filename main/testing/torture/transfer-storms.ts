import path from 'node:path';
import { seededRandom } from '../crash-states.ts';
import type { Fault } from '../fault-proxy.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile } from './transfer-world.ts';

/** Part of the requests that meet an answer of the storm. */
const SPOILED = 0.05;
/** `Retry-After` as registries and proxies write it: seconds, a date that has passed, nothing, and garbage. */
const RETRY_AFTER: readonly (string | undefined)[] = [
  '0',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  undefined,
  'soon',
  '-1',
];

/**
 * Check 40: pushes and pulls of many small files while one request in twenty is answered by 429, 500, 502, 503 or 504, with
 * `Retry-After` of all kinds. All of it finishes with the right bytes.
 */
export async function transferStorms(
  { folder, seed, signal }: TortureSurroundings,
  { requests, files }: { readonly requests: number; readonly files: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  const draw = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  try {
    world.proxy.spoil((): Fault | undefined => {
      if (random() >= SPOILED) return undefined;
      const status = draw([429, 500, 502, 503, 504]);
      const after = draw(RETRY_AFTER);
      tally.count(`answers ${status}`);
      return {
        kind: 'answer',
        status,
        ...(after === undefined ? {} : { headers: { 'retry-after': after } }),
      };
    });
    for (let round = 1; world.proxy.requests.length < requests && !signal.aborted; round += 1) {
      const violations: string[] = [];
      const made = await Promise.all(
        Array.from({ length: files }, (_, index) =>
          world.file(`storm-${round}-${index}`, 1 + Math.floor(random() * 200_000)),
        ),
      );
      const granted = await world.host.services.grantFiles(made.map((file) => file.path));
      const pushed = await world.run({
        kind: 'push',
        target: world.target,
        files: granted.map(({ token }) => ({ file: token })),
        artifactType: 'application/vnd.test',
        tags: [`storm-${round}`],
      });
      if (pushed.state !== 'done')
        violations.push(`A push ended as ${pushed.state}: ${pushed.error?.message ?? ''}`);
      const pull = await world.pull(made[0]!);
      const pulled = await world.run({ ...pull, reference: `storm-${round}` } as typeof pull);
      if (pulled.state !== 'done')
        violations.push(`A pull ended as ${pulled.state}: ${pulled.error?.message ?? ''}`);
      for (const file of made)
        if ((await sha256OfFile(path.join(world.pulled, path.basename(file.path)))) !== file.sha256)
          violations.push(`${path.basename(file.path)} has other bytes.`);
      tally.round(violations);
    }
    tally.note('requests', world.proxy.requests.length);
    tally.unfinished(signal, world.proxy.requests.length, requests);
  } finally {
    await world.close();
  }
  return tally.report();
}
