import { rm } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom, type Random } from '../crash-states.ts';
import { startChild, type RunningChild } from '../start-child.ts';
import type { TransferOrder } from '../transfer-child.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile, type MadeFile, type TransferWorld } from './transfer-world.ts';

/** Bytes that one kill may cost: what was on its way, and the part of an upload whose end nobody saw. */
const LOST_PER_KILL = 20 * 1024 * 1024;
/** Milliseconds between two looks at how far a child is. */
const LOOK_MS = 5;

/**
 * A program is killed with SIGKILL in the middle of a push and of a pull, several times; the next one finds the job interrupted and
 * finishes it without starting over.
 *
 * @param surroundings - its `child` is `main/testing/transfer-child.ts`
 */
export async function transferKill(
  { folder, child, seed, signal }: TortureSurroundings,
  { size, kills }: { readonly size: number; readonly kills: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    const file = await world.file('killed', size);
    for (const kind of ['push', 'pull'] as const) {
      const passed = (): number =>
        kind === 'push' ? world.proxy.receivedFromClient : world.proxy.sentToClient;
      world.proxy.forget();
      const order = orderFor(world, file, kind, path.join(folder, `host of ${kind}`));
      const violations = await killAndGoOn({ child, order, passed, size, kills, random, signal });
      const over = passed() - size;
      tally.note(`${kind}: bytes again`, over);
      if (over > kills * LOST_PER_KILL) violations.push(`${kind}: ${over} of ${size} bytes passed again.`);
      if (kind === 'push') violations.push(...(await checkPushed(world, file)));
      else if ((await sha256OfFile(path.join(world.pulled, 'killed'))) !== file.sha256)
        violations.push('The pulled file has other bytes.');
      tally.count('kills', kills);
      tally.round(violations);
      await rm(order.folder, { recursive: true, force: true, maxRetries: 5 });
    }
  } finally {
    await world.close();
  }
  return tally.report();
}

function orderFor(
  world: TransferWorld,
  file: MadeFile,
  kind: 'push' | 'pull',
  folder: string,
): TransferOrder {
  const { target } = world;
  return {
    folder,
    registry: world.proxy.host,
    pulled: world.pulled,
    request:
      kind === 'push'
        ? {
            kind,
            target,
            files: [{ file: file.path }],
            artifactType: 'application/vnd.test',
            tags: ['killed'],
          }
        : { kind, target, reference: 'killed', folder: '', existing: 'keep' },
  };
}

interface Killing {
  readonly child: string;
  readonly order: TransferOrder;
  /** Bytes that passed so far. */
  readonly passed: () => number;
  readonly size: number;
  readonly kills: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

async function killAndGoOn({
  child,
  order,
  passed,
  size,
  kills,
  random,
  signal,
}: Killing): Promise<string[]> {
  const violations: string[] = [];
  const { folder, registry, pulled } = order;
  const goOn: TransferOrder = { folder, registry, pulled };
  for (let kill = 0; kill < kills; kill += 1) {
    const running = startChild(child, kill === 0 ? order : goOn);
    // Each time in another part of the whole, so that there is something to go on with.
    const place = ((kill + 0.2 + 0.6 * random()) / kills) * size;
    await until(() => passed() >= place, running, signal);
    running.process.kill('SIGKILL');
    const how = await running.ended;
    if (how !== 'SIGKILL')
      violations.push(`It ended by itself (${how}): ${running.errors()}${running.lines.at(-1) ?? ''}`);
    if (kill > 0 && !found(running))
      violations.push(`The job was not found again: ${running.lines[0] ?? 'no line'}`);
  }
  const last = startChild(child, goOn);
  const how = await last.ended;
  const line = last.lines.at(-1) ?? '';
  if (how !== 0 || !/^\S+ done /.test(line))
    violations.push(`It did not finish (${how}): ${line} ${last.errors()}`);
  if (!found(last)) violations.push(`The job was not found again: ${last.lines[0] ?? 'no line'}`);
  return violations;
}

/** Whether the first thing a child said is that the job was interrupted. */
function found({ lines }: RunningChild): boolean {
  return /^\S+ interrupted /.test(lines[0] ?? '');
}

async function until(holds: () => boolean, child: RunningChild, signal: AbortSignal): Promise<void> {
  while (!holds() && child.process.exitCode === null && !signal.aborted)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

async function checkPushed({ served, target }: TransferWorld, { sha256, size }: MadeFile): Promise<string[]> {
  const manifest = await served.send(`/v2/${target.repository}/manifests/killed`);
  const blob = await served.send(`/v2/${target.repository}/blobs/sha256:${sha256}`, { method: 'HEAD' });
  const violations: string[] = [];
  if (!manifest.body.toString().includes(sha256)) violations.push('The manifest does not name the file.');
  if (blob.status !== 200 || Number(blob.headers['content-length']) !== size)
    violations.push('The registry does not hold the file.');
  return violations;
}
