/** Takes exact numbers of bytes from a stream of chunks; keeps no more than the chunk at hand. */
export class BytePuller {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #current: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next bytes, at least one and at most `length`, as they come; undefined at the end. */
  async some(length: number): Promise<Uint8Array | undefined> {
    while (this.#current.byteLength === 0) {
      const next = this.#ended ? undefined : await this.#chunks.next();
      if (next === undefined || next.done === true) {
        this.#ended = true;
        return undefined;
      }
      this.#current = next.value;
    }
    const taken = this.#current.subarray(0, length);
    this.#current = this.#current.subarray(taken.byteLength);
    return taken;
  }

  /** The next `length` bytes in one piece, fewer at the end. For small numbers: they are in memory. */
  async take(length: number): Promise<Uint8Array> {
    const first = length === 0 ? undefined : await this.some(length);
    if (first === undefined) return new Uint8Array(0);
    if (first.byteLength === length) return first;
    const parts = [first];
    let left = length - first.byteLength;
    while (left > 0) {
      const next = await this.some(left);
      if (next === undefined) break;
      parts.push(next);
      left -= next.byteLength;
    }
    return Buffer.concat(parts);
  }

  /** Lets the source end early. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#chunks.return?.();
  }
}
