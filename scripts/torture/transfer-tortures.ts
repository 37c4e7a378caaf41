import { transferCancels } from '../../main/testing/torture/transfer-cancels.ts';
import { transferCuts } from '../../main/testing/torture/transfer-cuts.ts';
import { transferKill } from '../../main/testing/torture/transfer-kill.ts';
import { transferLostReplies } from '../../main/testing/torture/transfer-lost-replies.ts';
import { transferPauses } from '../../main/testing/torture/transfer-pauses.ts';
import { transferStorms } from '../../main/testing/torture/transfer-storms.ts';
import { transferTokens } from '../../main/testing/torture/transfer-tokens.ts';
import { transferTraps } from '../../main/testing/torture/transfer-traps.ts';
import type { Torture } from './torture.ts';

const MEBIBYTE = 1024 * 1024;
/** Milliseconds from a cancel to the moment in which nothing is left of it. */
const RELEASE_LIMIT = 500;

const TABLE: readonly Omit<Torture, 'program'>[] = [
  {
    name: 'transfer-cuts',
    check: '38',
    about: 'a pull of 1 GiB, its line cut 200 times: the right bytes, at most 2 % fetched again',
    limit: 15,
    run: (surroundings, scaled) =>
      transferCuts(surroundings, { size: scaled(1024) * MEBIBYTE, cuts: scaled(200) }),
  },
  {
    name: 'transfer-traps',
    check: '39',
    about: 'what a registry may answer when a download goes on: never a wrong file, the next try finishes',
    limit: 15,
    run: (surroundings, scaled) => transferTraps(surroundings, { size: scaled(256) * MEBIBYTE }),
  },
  {
    name: 'transfer-storms',
    check: '40',
    about: '5,000 requests of which one in twenty is refused by 429 or 5xx: all jobs finish',
    limit: 30,
    run: (surroundings, scaled) => transferStorms(surroundings, { requests: scaled(5_000), files: 40 }),
  },
  {
    name: 'transfer-tokens',
    check: '41',
    about: '1 GiB up and down while every token ends after 5 s: both finish without starting over',
    limit: 20,
    run: (surroundings, scaled) =>
      transferTokens(surroundings, { size: scaled(1024) * MEBIBYTE, life: 5_000 }),
  },
  {
    name: 'transfer-lost-replies',
    check: '42',
    about: 'a push of 1 GiB whose parts and answers get lost: exactly the right blob, no upload left over',
    limit: 20,
    run: (surroundings, scaled) =>
      transferLostReplies(surroundings, { size: scaled(1024) * MEBIBYTE, faults: scaled(40) }),
  },
  {
    name: 'transfer-pauses',
    check: '43',
    about:
      'a push and a pull of 1 GiB, paused 20 times each: what was there is neither sent nor fetched again',
    limit: 20,
    run: (surroundings, scaled) =>
      transferPauses(surroundings, { size: scaled(1024) * MEBIBYTE, pauses: scaled(20) }),
  },
  {
    name: 'transfer-cancels',
    check: '43',
    about: '500 cancels at random moments: everything released within 500 ms',
    limit: 30,
    run: (surroundings, scaled) =>
      transferCancels(surroundings, { size: 96 * MEBIBYTE, cancels: scaled(500), limit: RELEASE_LIMIT }),
  },
  {
    name: 'transfer-kill',
    check: '38, 42',
    about: 'the program is killed in the middle of a push and a pull of 1 GiB: the next one finishes them',
    limit: 20,
    run: (surroundings, scaled) => transferKill(surroundings, { size: scaled(1024) * MEBIBYTE, kills: 4 }),
  },
];

/** Of transfers, checks 38 to 43: the same code as in `main/transfers/torture.test.ts`, with the numbers of the bar. */
export const TRANSFER_TORTURES: readonly Torture[] = TABLE.map((torture) => ({
  ...torture,
  program: 'main/testing/transfer-child.ts',
}));
