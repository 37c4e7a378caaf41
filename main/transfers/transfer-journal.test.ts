import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRANSFER_STATES } from '../../shared/contract/transfer-words.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { applyRecord, recordsOf, type JournalJob, type JournalRecord } from './journal-records.ts';
import { JOURNAL_COMPACT_SIZE } from './limits.ts';
import { openJournal } from './transfer-journal.ts';

const TEXT = { title: 'Copy', from: 'a', to: 'b', lanes: ['registry:a'] };

const id = fc.constantFrom('one', 'two', 'three', 'four');
const digest = fc.constantFrom('sha256:aa', 'sha256:bb');
const count = fc.nat({ max: 1e9 });
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  {
    weight: 3,
    arbitrary: id.map((each): JournalRecord => ({
      what: 'job',
      id: each,
      created: 1,
      request: { kind: 'copy', name: 'ü – 😀' },
      text: TEXT,
    })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ id, state: fc.constantFrom(...TRANSFER_STATES), at: count, done: count })
      .map(({ done, ...rest }): JournalRecord => ({
        what: 'state',
        ...rest,
        bytes: { done, total: done },
        items: { done: 0, total: 1 },
      })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ id, digest, state: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }) })
      .map(({ state, ...rest }): JournalRecord => ({
        what: 'upload',
        ...rest,
        ...(state === undefined ? {} : { state }),
      })),
  },
  { weight: 1, arbitrary: id.map((each): JournalRecord => ({ what: 'removed', id: each })) },
);

function follow(records: readonly JournalRecord[]): JournalJob[] {
  const jobs = new Map<string, JournalJob>();
  for (const record of records) applyRecord(jobs, record);
  return [...jobs.values()];
}

async function foundIn(folder: string): Promise<readonly JournalJob[]> {
  const journal = await openJournal(folder);
  await journal.close();
  return journal.found;
}

describe('the journal of transfers', () => {
  it('finds again what was written, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 30 }), async (records) => {
        const folder = await temporaryFolder();
        const journal = await openJournal(folder);
        await journal.append(records, true);
        await journal.close();
        expect(await foundIn(folder)).toEqual(follow(records));
      }),
      { numRuns: 25 },
    );
  });

  it('says the same in its short form', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
        const jobs = follow(records);
        expect(follow(jobs.flatMap(recordsOf))).toEqual(jobs);
      }),
    );
  });

  it('loses no confirmed record, wherever the file is cut, and can be written on', async () => {
    const records = fc.sample(anyRecord, { numRuns: 10, seed: 7 });
    const folder = await temporaryFolder();
    const file = path.join(folder, 'journal.jsonl');
    const journal = await openJournal(folder);
    const confirmed = [(await stat(file)).size];
    for (const record of records) {
      await journal.append([record], true);
      confirmed.push((await stat(file)).size);
    }
    await journal.close();
    const whole = await readFile(file);
    // Every byte of the header and of the last records, and some of those between.
    const cuts = Array.from({ length: whole.byteLength + 1 }, (_, cut) => cut).filter(
      (cut) => cut < 50 || cut > whole.byteLength - 150 || cut % 13 === 0 || confirmed.includes(cut),
    );
    for (const cut of cuts) {
      // The file system may also leave zeros where the rest should be.
      const torn =
        cut % 2 === 0 ? whole.subarray(0, cut) : Buffer.concat([whole.subarray(0, cut), Buffer.alloc(9)]);
      await writeFile(file, torn);
      const sure = confirmed.filter((size) => size <= cut).length - 1;
      const again = await openJournal(folder);
      const expected = [Math.max(sure, 0), Math.min(Math.max(sure, 0) + 1, records.length)].map((length) =>
        follow(records.slice(0, length)),
      );
      // The record that was being written is there or not; never less, never anything else.
      expect(expected).toContainEqual(again.found);
      const added: JournalRecord = { what: 'job', id: 'new', created: 2, request: {}, text: TEXT };
      await again.append([added], true);
      await again.close();
      if (cut % 5 === 0) expect((await foundIn(folder)).at(-1)).toMatchObject({ id: 'new' });
    }
  });

  it('keeps what is behind a damaged line', async () => {
    const folder = await temporaryFolder();
    const journal = await openJournal(folder);
    await journal.append([{ what: 'job', id: 'one', created: 1, request: {}, text: TEXT }], true);
    await journal.close();
    const file = path.join(folder, 'journal.jsonl');
    await appendFile(file, 'garbage\n{"what":"state"}\n');
    await appendFile(file, `${JSON.stringify({ what: 'state', id: 'one', state: 'done', at: 5 })}\n`);
    expect(await foundIn(folder)).toMatchObject([{ id: 'one', state: 'done' }]);
    expect(await readFile(file, 'utf8')).not.toContain('garbage');
  });

  it('stays small however often something changes', async () => {
    const folder = await temporaryFolder();
    const journal = await openJournal(folder);
    await journal.append([{ what: 'job', id: 'one', created: 1, request: {}, text: TEXT }], true);
    const state = 'x'.repeat(8_000);
    for (let round = 0; round < 40; round += 1) {
      const changes = Array.from({ length: 10 }, (_, index): JournalRecord => ({
        what: 'upload',
        id: 'one',
        digest: `sha256:${index}`,
        state: `${state}${round}`,
      }));
      await journal.append(changes, false);
    }
    expect((await stat(path.join(folder, 'journal.jsonl'))).size).toBeLessThan(2 * JOURNAL_COMPACT_SIZE);
    await journal.close();
    const [job] = await foundIn(folder);
    expect([...job!.uploads.values()]).toEqual(Array.from({ length: 10 }, () => `${state}39`));
    expect((await readdir(folder)).sort()).toEqual(['journal.jsonl']);
  });

  it('can be read by its owner only', async () => {
    const folder = path.join(await temporaryFolder(), 'transfers');
    await (await openJournal(folder)).close();
    expect((await stat(path.join(folder, 'journal.jsonl'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('sets a file aside that is something else, and says so', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'journal.jsonl'), 'Dear diary\n');
    const journal = await openJournal(folder);
    await journal.close();
    const [aside] = (await readdir(folder)).filter((name) => name.includes('damaged'));
    expect(journal.warning).toContain(aside);
    expect(await readFile(path.join(folder, aside!), 'utf8')).toBe('Dear diary\n');
  });

  it('leaves the list of a newer version alone', async () => {
    const folder = await temporaryFolder();
    const text = '{"tallyman":"transfers","version":2}\n{"new":"form"}\n';
    await writeFile(path.join(folder, 'journal.jsonl'), text);
    await expect(openJournal(folder)).rejects.toMatchObject({ code: 'LAYOUT_VERSION' });
    await expect(openJournal(folder)).rejects.toMatchObject({ code: 'LAYOUT_VERSION' });
    expect(await readFile(path.join(folder, 'journal.jsonl'), 'utf8')).toBe(text);
  });
});
