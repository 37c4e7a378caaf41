import { transferCancels } from '../../main/testing/torture/transfer-cancels.ts';
import { transferCuts } from '../../main/testing/torture/transfer-cuts.ts';
import { transferKill } from '../../main/testing/torture/transfer-kill.ts';
import { transferLostReplies } from '../../main/testing/torture/transfer-lost-replies.ts';
import { transferStorms } from '../../main/testing/torture/transfer-storms.ts';
import { transferTokens } from '../../main/testing/torture/transfer-tokens.ts';
import { transferTraps } from '../../main/testing/torture/transfer-traps.ts';
import type { Torture } from './torture.ts';

const MEBIBYTE = 1024 * 1024;

const TABLE: readonly Omit<Torture, 'program'>[] = [
  {
    name: 'transfer-cuts',
    check: '38',
    about: '1 GiB through a line that is cut 200 times: the right bytes, at most 2 % fetched twice',
    limit: 20,
    run: (surroundings, scaled) =>
      transferCuts(surroundings, { size: scaled(1024) * MEBIBYTE, cuts: scaled(200) }),
  },
  {
    name: 'transfer-kill',
    check: '38',
    about: 'programs killed in the middle of a push and a pull of 1 GiB: the next one goes on',
    limit: 20,
    run: (surroundings, scaled) =>
      transferKill(surroundings, { size: scaled(1024) * MEBIBYTE, kills: scaled(10) }),
  },
  {
    name: 'transfer-traps',
    check: '39',
    about: 'what answers a download that goes on is a trap: the right file, or an error and no file',
    limit: 10,
    run: (surroundings) => transferTraps(surroundings, { size: 64 * MEBIBYTE }),
  },
  {
    name: 'transfer-storms',
    check: '40',
    about: '5,000 requests, one in twenty refused with Retry-After of all kinds: all finish',
    limit: 30,
    run: (surroundings, scaled) => transferStorms(surroundings, { requests: scaled(5_000), files: 40 }),
  },
  {
    name: 'transfer-tokens',
    check: '41',
    about: 'tokens good for 5 s during a push and a pull of 1 GiB: both finish, nothing goes twice',
    limit: 20,
    run: (surroundings, scaled) =>
      transferTokens(surroundings, { size: scaled(1024) * MEBIBYTE, life: scaled(5_000) }),
  },
  {
    name: 'transfer-lost-replies',
    check: '42',
    about: 'an upload in parts whose answers get lost: exactly the right blob, no unfinished upload',
    limit: 20,
    run: (surroundings, scaled) =>
      transferLostReplies(surroundings, { size: scaled(1024) * MEBIBYTE, faults: scaled(40) }),
  },
  {
    name: 'transfer-cancels',
    check: '43',
    about: 'cancelled at 500 random moments: within 500 ms nothing is open, under way or half published',
    limit: 30,
    run: (surroundings, scaled) =>
      transferCancels(surroundings, { size: 64 * MEBIBYTE, cancels: scaled(500), limit: 500 }),
  },
];

/** Of transfers, checks 38 to 43: the same code as in `main/transfers/torture.test.ts`, with the numbers of the bar. */
export const TRANSFER_TORTURES: readonly Torture[] = TABLE.map((torture) => ({
  ...torture,
  program: 'main/testing/transfer-child.ts',
}));
