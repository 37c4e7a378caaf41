import { TRANSFER_ITEMS_SHOWN } from '../../shared/contract/transfer-words.ts';
import type { TransferItem } from '../../shared/contract/transfers.ts';
import type { CarriedItem } from '../content/transfer-report.ts';
import { RATE_SPAN_MS } from './limits.ts';

/** How far a job is. */
export interface ProgressFacts {
  readonly bytes: { readonly done: number; readonly total: number };
  readonly items: { readonly done: number; readonly total: number };
}

/**
 * Adds up what a job tells of its items. Of those that ended only the latest are kept, so memory follows what is under way and
 * not what was done.
 */
export class JobProgress {
  readonly #now: () => number;
  readonly #open = new Map<string, CarriedItem>();
  readonly #settled = new Map<string, CarriedItem>();
  readonly #changed = new Set<string>();
  /** Told of as being under way: whoever was told that must hear how they end. */
  readonly #toldOpen = new Set<string>();
  #bytesDone = 0;
  #bytesTotal = 0;
  #itemsDone = 0;
  #itemsTotal = 0;
  #expected = { bytes: 0, items: 0 };
  /** Bytes that moved, with the moment until which they did. */
  #moved: { at: number; bytes: number }[] = [];

  /** @param now - the clock in milliseconds */
  constructor(now: () => number, before?: ProgressFacts) {
    this.#now = now;
    if (before === undefined) return;
    [this.#bytesDone, this.#bytesTotal] = [before.bytes.done, before.bytes.total];
    [this.#itemsDone, this.#itemsTotal] = [before.items.done, before.items.total];
  }

  /** A new attempt: everything is told again. */
  begin(): void {
    this.#open.clear();
    this.#settled.clear();
    this.#changed.clear();
    this.#toldOpen.clear();
    this.#moved = [];
    this.#bytesDone = this.#bytesTotal = this.#itemsDone = this.#itemsTotal = 0;
    this.#expected = { bytes: 0, items: 0 };
  }

  /** The item as it is now. */
  note(item: CarriedItem): void {
    const before = this.#open.get(item.id);
    if (before === undefined) {
      // What ended is not counted again when it is told again.
      if (this.#settled.has(item.id)) return;
      this.#itemsTotal += 1;
      this.#bytesTotal += item.size;
    } else {
      this.#bytesTotal += item.size - before.size;
      this.#bytesDone -= countedBytes(before);
    }
    this.#bytesDone += countedBytes(item);
    const moved = movedBytes(item) - (before === undefined ? 0 : movedBytes(before));
    if (moved > 0) this.#noteMoved(moved);
    this.#changed.add(item.id);
    if (!isSettled(item)) {
      this.#open.set(item.id, item);
      return;
    }
    this.#itemsDone += 1;
    this.#open.delete(item.id);
    this.#settled.set(item.id, item);
    for (const id of this.#settled.keys()) {
      if (this.#settled.size <= TRANSFER_ITEMS_SHOWN) break;
      if (this.#toldOpen.has(id)) continue;
      this.#settled.delete(id);
      this.#changed.delete(id);
    }
  }

  /** What a plan says there is, for as long as less than that was told of. */
  expect(plan: { readonly bytes: number; readonly bytesPresent: number; readonly itemCount: number }): void {
    this.#expected = { bytes: plan.bytes + plan.bytesPresent, items: plan.itemCount };
  }

  facts(): ProgressFacts {
    return {
      bytes: { done: this.#bytesDone, total: Math.max(this.#bytesTotal, this.#expected.bytes) },
      items: { done: this.#itemsDone, total: Math.max(this.#itemsTotal, this.#expected.items) },
    };
  }

  /** Bytes per second over the last seconds, and how long the rest takes at that rate. Nothing when nothing moves. */
  speed(): { readonly rate: number; readonly secondsLeft?: number } | undefined {
    const now = this.#now();
    this.#moved = this.#moved.filter(({ at }) => at > now - RATE_SPAN_MS);
    const [first] = this.#moved;
    if (first === undefined) return undefined;
    const bytes = this.#moved.reduce((sum, each) => sum + each.bytes, 0);
    const rate = Math.round((bytes * 1000) / Math.max(now - first.at + SAMPLE_MS, SAMPLE_MS));
    const { bytes: all } = this.facts();
    const left = all.total - all.done;
    return rate > 0 ? { rate, secondsLeft: Math.ceil(left / rate) } : { rate };
  }

  /** Those that are shown, which counts as told: under way and failed ones first, then the latest that ended, then what waits. */
  shown(): TransferItem[] {
    const open = [...this.#open.values()];
    const [waiting, active] = [
      open.filter(({ state }) => state === 'waiting'),
      open.filter(({ state }) => state !== 'waiting'),
    ];
    const settled = [...this.#settled.values()].reverse();
    const items = [...active, ...settled, ...waiting].slice(0, TRANSFER_ITEMS_SHOWN);
    for (const item of items) if (!isSettled(item)) this.#toldOpen.add(item.id);
    return items;
  }

  /** Those that changed since the last time: all that were told of as being under way, and of the others the latest. */
  takeChanged(): TransferItem[] {
    const changed = [...this.#changed];
    const known = changed.filter((id) => this.#toldOpen.has(id));
    const fresh = changed.filter((id) => !this.#toldOpen.has(id));
    const room = Math.max(TRANSFER_ITEMS_SHOWN - known.length, 0);
    this.#changed.clear();
    const items = [...known, ...fresh.slice(fresh.length - Math.min(room, fresh.length))].flatMap(
      (id) => this.#open.get(id) ?? this.#settled.get(id) ?? [],
    );
    for (const item of items) {
      if (isSettled(item)) this.#toldOpen.delete(item.id);
      else this.#toldOpen.add(item.id);
    }
    return items;
  }

  #noteMoved(bytes: number): void {
    const now = this.#now();
    const last = this.#moved.at(-1);
    if (last !== undefined && now - last.at < SAMPLE_MS) last.bytes += bytes;
    else this.#moved.push({ at: now, bytes });
    if (this.#moved.length > RATE_SPAN_MS / SAMPLE_MS) this.#moved.shift();
  }
}

/** Milliseconds that one sample of the rate spans. */
const SAMPLE_MS = 250;

function isSettled({ state }: CarriedItem): boolean {
  return state === 'done' || state === 'present' || state === 'mounted' || state === 'kept';
}

/** What need not be moved any more counts as done at once. */
function countedBytes(item: CarriedItem): number {
  return isSettled(item) ? item.size : item.done;
}

function movedBytes({ state, done, size }: CarriedItem): number {
  if (state === 'done') return size;
  return state === 'running' ? done : 0;
}
