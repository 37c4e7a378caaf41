import type { Digest } from '../../../shared/oci/digest.ts';

/** Digests that are remembered. */
const REMEMBERED = 10_000;

/** Content that this program read whole and found right, or stored itself: reading it again costs no hashing. */
export class VerifiedBlobs {
  readonly #digests = new Set<Digest>();

  has(digest: Digest): boolean {
    return this.#digests.has(digest);
  }

  add(digest: Digest): void {
    this.#digests.delete(digest);
    this.#digests.add(digest);
    const [oldest] = this.#digests;
    if (this.#digests.size > REMEMBERED && oldest !== undefined) this.#digests.delete(oldest);
  }
}
