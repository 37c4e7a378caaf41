import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { CopiedManifest } from './copy-reader.ts';
import { COPY_NOTE_LIMIT } from './limits.ts';

/** What a person should know about a copy, within a limit. */
export class CopyNotes {
  readonly #notes: ErrorData[] = [];
  readonly #foreign = new Map<string, number>();
  #more = 0;

  readonly add = (note: ErrorData): void => {
    if (this.#notes.length < COPY_NOTE_LIMIT) this.#notes.push(note);
    else this.#more += 1;
  };

  /** Layers that stay where they are are told of once. */
  addForeign({ foreign }: Pick<CopiedManifest, 'foreign'>): void {
    for (const { digest, size } of foreign) this.#foreign.set(digest, size);
  }

  get all(): readonly ErrorData[] {
    const count = this.#foreign.size;
    const bytes = [...this.#foreign.values()].reduce((sum, size) => sum + size, 0);
    return [
      ...(count === 0
        ? []
        : [
            {
              code: 'UNSUPPORTED' as const,
              message: `${count === 1 ? 'One layer' : `${count} layers`} of ${bytes} bytes must not be distributed and ${count === 1 ? 'was' : 'were'} not copied.`,
              hint: 'Whoever runs the image gets them from their publisher.',
              details: { count, bytes },
            },
          ]),
      ...this.#notes,
      ...(this.#more === 0
        ? []
        : [
            {
              code: 'LIMIT' as const,
              message: `There are ${this.#more} more notes.`,
              details: { limit: COPY_NOTE_LIMIT },
            },
          ]),
    ];
  }
}
