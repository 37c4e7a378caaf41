import { isDigest } from '../../shared/oci/digest.ts';
import type { Target } from './target.ts';
import type { TaskGroup } from './task-group.ts';

/** Names that are looked for; more say no more. */
const LOOKS = 8;

/**
 * Finds out whether a destination has some of what is copied already, or an older version of it. Whoever writes small blobs may
 * send them without asking; where much is there it is better to ask for each.
 */
export class DestinationLooks {
  readonly #target: Target;
  readonly #group: TaskGroup;
  readonly #byTag: Promise<void>[] = [];
  #looks = 0;
  #found = false;

  constructor(target: Target, group: TaskGroup) {
    this.#target = target;
    this.#group = group;
  }

  /** Looks for a tag that is going to be set, or for a root by its digest. */
  lookFor(reference: string): void {
    if (this.#looks >= LOOKS) return;
    this.#looks += 1;
    const look = this.#target.resolve(reference, { signal: this.#group.signal }).then(
      (found) => {
        this.#found ||= found !== undefined;
      },
      () => undefined, // writing shows what is wrong
    );
    this.#group.spawn(() => look); // nothing runs on when the copy has ended
    if (!isDigest(reference)) this.#byTag.push(look);
  }

  /** Waits for tags alone: they are looked for from the beginning, when nothing else is known. */
  async seemsThere(): Promise<boolean> {
    await Promise.all(this.#byTag);
    return this.#found;
  }
}
