import { inspect } from 'node:util';

const HIDDEN = '⟨secret⟩';

/**
 * A password or token in memory. It shows itself only to `reveal`: not in template strings, JSON, console output,
 * error details or a structured clone, so that no log line and no message to the window can hold it by mistake
 * (reliability bar, section 5).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one line that puts it into a header or a form. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
