import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForChild, type ChildProgram } from '../testing/bundle-for-child.ts';
import { peer } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { TortureReport, TortureSurroundings } from '../testing/torture/torture.ts';
import { transferCancels } from '../testing/torture/transfer-cancels.ts';
import { transferCuts } from '../testing/torture/transfer-cuts.ts';
import { transferKill } from '../testing/torture/transfer-kill.ts';
import { transferLostReplies } from '../testing/torture/transfer-lost-replies.ts';
import { transferPauses } from '../testing/torture/transfer-pauses.ts';
import { transferStorms } from '../testing/torture/transfer-storms.ts';
import { transferTokens } from '../testing/torture/transfer-tokens.ts';
import { transferTraps } from '../testing/torture/transfer-traps.ts';

/** Milliseconds for a test that moves many bytes, on a machine that is busy with others. */
const LONG = 180_000;
const MEBIBYTE = 1024 * 1024;

// The short forms of `npm run torture`: the same code with smaller numbers.
describe('transfers under torture (short forms of checks 38 to 43)', () => {
  let child: ChildProgram;
  beforeAll(async () => {
    child = await bundleForChild(fileURLToPath(new URL('../testing/transfer-child.ts', import.meta.url)));
  });
  afterAll(() => child.remove());

  async function surroundings(): Promise<TortureSurroundings> {
    return {
      folder: path.join(await temporaryFolder(), 'torture'),
      child: child.file,
      seed: Math.floor(Math.random() * 2 ** 31),
      signal: AbortSignal.timeout(LONG - 10_000),
      peer,
    };
  }

  /** Everything held, and enough was done to mean something. */
  function expectHeld({ violations, failed, passed }: TortureReport, least: number): void {
    expect({ violations, failed }).toEqual({ violations: [], failed: 0 });
    expect(passed).toBeGreaterThanOrEqual(least);
  }

  it(
    'pulls through a line that is cut again and again, and fetches little twice (check 38)',
    async () => {
      expectHeld(await transferCuts(await surroundings(), { size: 48 * MEBIBYTE, cuts: 8 }), 1);
    },
    LONG,
  );

  it(
    'goes on with a push and a pull whose program was killed, without starting over',
    async () => {
      expectHeld(await transferKill(await surroundings(), { size: 96 * MEBIBYTE, kills: 1 }), 2);
    },
    LONG,
  );

  it(
    'falls into no trap when a download goes on (check 39)',
    async () => {
      expectHeld(await transferTraps(await surroundings(), { size: 6 * MEBIBYTE }), 10);
    },
    LONG,
  );

  it(
    'finishes through a storm of refusals with Retry-After of all kinds (check 40)',
    async () => {
      expectHeld(await transferStorms(await surroundings(), { requests: 150, files: 12 }), 1);
    },
    LONG,
  );

  it(
    'gets new tokens in the middle of a push and a pull (check 41)',
    async () => {
      expectHeld(await transferTokens(await surroundings(), { size: 80 * MEBIBYTE, life: 150 }), 2);
    },
    LONG,
  );

  it(
    'stores the right blob although answers and parts of it get lost (check 42)',
    async () => {
      expectHeld(await transferLostReplies(await surroundings(), { size: 80 * MEBIBYTE, faults: 4 }), 1);
    },
    LONG,
  );

  it(
    'goes on after pauses with what was there',
    async () => {
      expectHeld(await transferPauses(await surroundings(), { size: 96 * MEBIBYTE, pauses: 2 }), 2);
    },
    LONG,
  );

  it(
    'lets go of everything when it is cancelled at any moment (check 43)',
    async () => {
      const options = { size: 24 * MEBIBYTE, cancels: 14, limit: 20_000 };
      expectHeld(await transferCancels(await surroundings(), options), 14);
    },
    LONG,
  );
});
