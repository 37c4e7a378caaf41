import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyItemChanges } from '../../shared/contract/apply-transfer-changes.ts';
import { TRANSFER_ITEMS_SHOWN } from '../../shared/contract/transfer-words.ts';
import type { TransferItem } from '../../shared/contract/transfers.ts';
import type { CarriedItem } from '../content/transfer-report.ts';
import { JobProgress } from './job-progress.ts';

function item(id: number, state: CarriedItem['state'], done = 0, size = 100): CarriedItem {
  return { id: String(id), name: `item ${id}`, state, done, size };
}

describe('the progress of a job', () => {
  it('adds up items, and counts what need not be moved as done', () => {
    const progress = new JobProgress(() => 0);
    progress.note(item(1, 'waiting'));
    progress.note(item(2, 'present', 0, 50));
    progress.note(item(1, 'running', 30));
    expect(progress.facts()).toEqual({ bytes: { done: 80, total: 150 }, items: { done: 1, total: 2 } });
    progress.note(item(1, 'running', 10));
    expect(progress.facts().bytes.done).toBe(60);
    progress.note(item(1, 'done', 100));
    progress.note(item(1, 'done', 100));
    expect(progress.facts()).toEqual({ bytes: { done: 150, total: 150 }, items: { done: 2, total: 2 } });
  });

  it('shows what a plan expects until more than that is told', () => {
    const progress = new JobProgress(() => 0);
    progress.expect({ bytes: 100, bytesPresent: 20, itemCount: 3 });
    progress.note(item(1, 'running', 10, 50));
    expect(progress.facts()).toEqual({ bytes: { done: 10, total: 120 }, items: { done: 0, total: 3 } });
    progress.begin();
    expect(progress.facts()).toEqual({ bytes: { done: 0, total: 0 }, items: { done: 0, total: 0 } });
  });

  it('tells rate and time left of what moves, and nothing when nothing does', () => {
    let clock = 0;
    const progress = new JobProgress(() => clock);
    progress.note(item(1, 'present', 0, 5_000));
    expect(progress.speed()).toBeUndefined();
    for (let second = 0; second <= 10; second += 0.1) {
      clock = second * 1000;
      progress.note(item(2, 'running', Math.round(second * 1_000), 20_000));
    }
    const { rate, secondsLeft } = progress.speed()!;
    expect(rate).toBeGreaterThan(850);
    expect(rate).toBeLessThan(1_150);
    expect(secondsLeft).toBeGreaterThan(8);
    clock += 6_000;
    expect(progress.speed()).toBeUndefined();
  });

  it('keeps of ten thousand items no more than are shown', () => {
    const progress = new JobProgress(() => 0);
    for (let id = 0; id < 10_000; id += 1) progress.note(item(id, 'done', 100));
    expect(progress.shown()).toHaveLength(TRANSFER_ITEMS_SHOWN);
    expect(progress.takeChanged()).toHaveLength(TRANSFER_ITEMS_SHOWN);
    expect(progress.facts().items).toEqual({ done: 10_000, total: 10_000 });
  });

  it('lets nobody believe that an item is under way that has ended', () => {
    const change = fc.record({
      id: fc.nat({ max: 600 }),
      state: fc.constantFrom<CarriedItem['state']>('running', 'done', 'failed', 'present'),
      tell: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 900, size: 'max' }), (changes) => {
        const progress = new JobProgress(() => 0);
        const ended = new Map<string, string>();
        let seen: readonly TransferItem[] = [];
        for (const { id, state, tell } of changes) {
          if (ended.has(String(id))) continue;
          progress.note(item(id, state));
          if (state === 'done' || state === 'present') ended.set(String(id), state);
          if (tell) seen = applyItemChanges(seen, progress.takeChanged());
        }
        seen = applyItemChanges(seen, progress.takeChanged());
        for (const each of seen)
          if (each.state === 'running' || each.state === 'failed') expect(ended.get(each.id)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});
