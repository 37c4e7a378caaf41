import { displayText } from '../../../shared/display/display-text.ts';
import { WARNING_BYTES_LIMIT } from '../limits.ts';

/** The sentences of one answer for the person at the other end, as values of `Warning` (distribution-spec, Warnings). */
export class Warnings {
  readonly #values: string[] = [];
  #bytes = 0;

  /** Adds one; what would be too much in all is left out. */
  add(text: string): void {
    // Header values are ASCII here: everything else would be read in as many ways as there are clients.
    const plain = displayText(text)
      .replace(/[“”]/g, '"')
      .replace(/[^\x20-\x7e]/g, '?');
    const value = `299 - "${plain.replace(/[\\"]/g, '\\$&')}"`;
    if (this.#values.includes(value) || this.#bytes + value.length > WARNING_BYTES_LIMIT) return;
    this.#values.push(value);
    this.#bytes += value.length;
  }

  get values(): readonly string[] {
    return this.#values;
  }
}
