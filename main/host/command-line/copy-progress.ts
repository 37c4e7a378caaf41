import { formatSize } from '../../../shared/display/format-size.ts';
import type { CarriedItem } from '../../content/transfer-report.ts';

/** Adds up what a copy tells of its blobs. */
export class CopyProgress {
  readonly #show: (text: string) => void;
  readonly #items = new Map<string, { readonly done: number; readonly isOver: boolean }>();
  #bytes = 0;
  #doneBytes = 0;
  #over = 0;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  take({ id, done, size, state }: CarriedItem): void {
    const before = this.#items.get(id);
    if (before === undefined) this.#bytes += size;
    const isOver = state !== 'waiting' && state !== 'running';
    this.#doneBytes += done - (before?.done ?? 0);
    this.#over += Number(isOver) - Number(before?.isOver ?? false);
    this.#items.set(id, { done, isOver });
    this.#show(
      `Copying: ${formatSize(this.#doneBytes)} of ${formatSize(this.#bytes)}, ${this.#over} of ${this.#items.size} blobs`,
    );
  }
}
