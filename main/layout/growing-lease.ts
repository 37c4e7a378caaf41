import type { Digest } from '../../shared/oci/digest.ts';
import type { Lease } from './leases.ts';

/** So many small leases are replaced by one, so that garbage collection reads few files. */
const MERGED_LEASES = 64;

/** Content that is asked for while a lease is being taken goes into the next one. */
interface NextLease {
  readonly digests: Set<Digest>;
  readonly taken: Promise<void>;
}

/** Protects ever more content from garbage collection until all of it is let go. */
export class GrowingLease {
  readonly #take: (digests: readonly Digest[]) => Promise<Lease>;
  readonly #held = new Set<Digest>();
  readonly #merged: Lease[] = [];
  #small: { readonly lease: Lease; readonly digests: readonly Digest[] }[] = [];
  #next: NextLease | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(take: (digests: readonly Digest[]) => Promise<Lease>) {
    this.#take = take;
  }

  /** Content is protected when this returns. Many calls at once cost one file. */
  async hold(digest: Digest): Promise<void> {
    if (this.#held.has(digest)) return;
    if (this.#next === undefined) {
      const digests = new Set<Digest>();
      const taken = this.#turn.then(() => this.#grow(digests));
      this.#next = { digests, taken };
      this.#turn = taken.catch(() => undefined);
    }
    this.#next.digests.add(digest);
    await this.#next.taken;
  }

  /** Ends the protection of all of it. */
  async release(): Promise<void> {
    await this.#turn;
    const leases = [...this.#merged, ...this.#small.map(({ lease }) => lease)];
    this.#merged.length = 0;
    this.#small = [];
    this.#held.clear();
    for (const lease of leases) await lease.release();
  }

  async #grow(asked: ReadonlySet<Digest>): Promise<void> {
    this.#next = undefined;
    const digests = [...asked];
    this.#small.push({ lease: await this.#take(digests), digests });
    for (const digest of digests) this.#held.add(digest);
    if (this.#small.length < MERGED_LEASES) return;
    const old = this.#small;
    this.#merged.push(await this.#take(old.flatMap((small) => small.digests)));
    this.#small = [];
    for (const { lease } of old) await lease.release();
  }
}
