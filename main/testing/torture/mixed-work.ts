import path from 'node:path';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { digestOf } from '../../content/digest-of.ts';
import { readAll } from '../../content/verify-content.ts';
import { exportArtifact } from '../../host/archives/export-artifact.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { seededRandom, type Random } from '../crash-states.ts';
import { makeImage, storeImage, type MadeImage } from './store-image.ts';

/** What one process does to a layout, at random, until it is killed or told to stop. */
export interface MixedOrder {
  readonly what: 'mix';
  readonly layout: string;
  /** Begins each of its names; manifests are its own as well, layers are shared with others. */
  readonly prefix: string;
  readonly seed: number;
  /** How often each is drawn. */
  readonly weights: Readonly<Partial<Record<MixedOperation, number>>>;
}

export type MixedOperation = 'put' | 'attach' | 'tag' | 'untag' | 'remove' | 'partial' | 'collect' | 'export';

/**
 * One line of the journal: `begin` before an operation with what it changes, `done` when it was confirmed. Digests by name,
 * null for a name that goes; for unfinished content the bytes that are kept at least, null when it is finished.
 */
export type JournalLine =
  | {
      readonly event: 'begin';
      readonly operation: MixedOperation;
      readonly names: Readonly<Record<string, string | null>>;
      readonly partials: Readonly<Record<string, number | null>>;
      /** An export: the name in it, and what it means there. */
      readonly exported?: ExportedName;
    }
  | { readonly event: 'done' }
  /** Something that was confirmed is not there. */
  | { readonly event: 'lost'; readonly what: string };

/** A name in a layout that was exported. */
export interface ExportedName {
  /** A folder or an archive, in the folder `exports` beside the layout. */
  readonly file: string;
  readonly name: string;
  readonly digest: string;
}

const CONTENTS = 6;
const NAMES = 5;
const PARTIALS = 2;
const PARTIAL_SIZE = 300_000;
const LIMIT = 16 * 1024 * 1024;

/** Runs until stdin says anything. Every line goes out before the next thing is done. */
export async function mixedWork(order: MixedOrder, write: (line: JournalLine) => void): Promise<void> {
  const { signal } = new AbortController();
  const random = seededRandom(order.seed);
  const writer = await createLayout(order.layout);
  let stopped = false;
  process.stdin.once('data', () => (stopped = true));
  const worker = new Worker(order.prefix, writer, random, write, signal);
  await worker.learn();
  const drawn = Object.entries(order.weights).flatMap(([operation, weight]) =>
    Array.from({ length: weight }, () => operation as MixedOperation),
  );
  while (!stopped) {
    const operation = drawn[Math.floor(random() * drawn.length)];
    if (operation !== undefined) await worker.run(operation);
    await new Promise((resolve) => setImmediate(resolve)); // stdin is heard between two operations
  }
  await writer.close();
  process.exit(0);
}

class Worker {
  readonly #prefix: string;
  readonly #writer: LayoutWriter;
  readonly #random: Random;
  readonly #write: (line: JournalLine) => void;
  readonly #signal: AbortSignal;
  readonly #names = new Map<string, Digest>();
  /** Unfinished content with the bytes that it will have. */
  readonly #partials = new Map<string, Uint8Array>();

  constructor(
    prefix: string,
    writer: LayoutWriter,
    random: Random,
    write: (line: JournalLine) => void,
    signal: AbortSignal,
  ) {
    this.#prefix = prefix;
    this.#writer = writer;
    this.#random = random;
    this.#write = write;
    this.#signal = signal;
  }

  /** Reads what is there of its own, from an earlier process of the same prefix. */
  async learn(): Promise<void> {
    for await (const page of this.#writer.target.listEntries?.({ signal: this.#signal }) ?? []) {
      for (const { tag, descriptor } of page)
        if (tag?.startsWith(this.#prefix) === true && descriptor !== undefined)
          this.#names.set(tag, descriptor.digest);
    }
    for (const { id, origin } of await this.#writer.partials.list()) {
      const [prefix, content] = (origin ?? '').split(' ');
      if (prefix === this.#prefix) this.#partials.set(id, partialBytes(this.#prefix, Number(content)));
    }
  }

  async run(operation: MixedOperation): Promise<void> {
    switch (operation) {
      case 'put': {
        const name = `${this.#prefix}-${this.#draw(NAMES)}`;
        const image = this.#image();
        await this.#journaled(operation, { [name]: image.manifest.digest }, {}, async () => {
          await storeImage(this.#writer, image, name, this.#signal);
        });
        await this.#readBack(image.manifest.digest, name);
        return;
      }
      case 'attach': {
        const subject = this.#anyName();
        if (subject === undefined) return;
        await this.#journaled(operation, {}, {}, async () => {
          const { descriptor } = await this.#writer.target.fetchManifest(subject[1], {
            signal: this.#signal,
          });
          await storeImage(this.#writer, this.#image({ subject: descriptor }), undefined, this.#signal);
        });
        return;
      }
      case 'tag': {
        const known = this.#anyName();
        const name = `${this.#prefix}-${this.#draw(NAMES)}`;
        if (known === undefined) return;
        await this.#journaled(operation, { [name]: known[1] }, {}, () =>
          this.#writer.tag(name, known[1], { signal: this.#signal }),
        );
        return;
      }
      case 'untag': {
        const known = this.#anyName();
        if (known === undefined) return;
        await this.#journaled(operation, { [known[0]]: null }, {}, () =>
          this.#writer.untag(known[0], { signal: this.#signal }),
        );
        return;
      }
      case 'remove': {
        const known = this.#anyName();
        if (known === undefined) return;
        const gone = [...this.#names].filter(([, digest]) => digest === known[1]).map(([name]) => name);
        await this.#journaled(operation, Object.fromEntries(gone.map((name) => [name, null])), {}, () =>
          this.#writer.remove(known[1], { signal: this.#signal }),
        );
        return;
      }
      case 'collect':
        // No grace at all: what others need is under their leases.
        await this.#journaled(operation, {}, {}, async () => {
          await this.#writer.collectGarbage({ signal: this.#signal, grace: -1 });
        });
        return;
      case 'export': {
        const known = this.#anyName();
        if (known === undefined) return;
        const [name, digest] = known;
        const file = `${this.#prefix}${this.#draw(2) === 0 ? '' : '.tar'}`;
        await this.#journaled(
          operation,
          {},
          {},
          () =>
            exportArtifact(
              {
                from: this.#writer.target,
                reference: name,
                destination: path.join(path.dirname(this.#writer.path), 'exports', file),
                referrers: false,
                overwrite: true,
              },
              { signal: this.#signal },
            ),
          { file, name, digest },
        );
        return;
      }
      case 'partial':
        await (this.#partials.size < PARTIALS ? this.#beginPartial() : this.#goOnWithPartial());
    }
  }

  async #beginPartial(): Promise<void> {
    const content = this.#draw(1_000_000);
    const bytes = partialBytes(this.#prefix, content);
    const id = uuidOf(this.#random);
    const part = this.#draw(PARTIAL_SIZE);
    await this.#journaled('partial', {}, { [id]: part }, async () => {
      const digest = digestOf(bytes);
      const partial = await this.#writer.partials.start(
        { digest, size: bytes.byteLength, origin: `${this.#prefix} ${content}` },
        { id },
      );
      await partial.write(bytes.subarray(0, part));
      await partial.suspend();
      this.#partials.set(id, bytes);
    });
  }

  async #goOnWithPartial(): Promise<void> {
    const known = [...this.#partials][this.#draw(this.#partials.size)];
    if (known === undefined) return;
    const [id, bytes] = known;
    await this.#journaled('partial', {}, { [id]: null }, async () => {
      const partial = await this.#writer.partials.resume(id, this.#signal);
      const lease = await this.#writer.lease([digestOf(bytes)]);
      await partial.write(bytes.subarray(partial.size));
      await partial.commit();
      this.#partials.delete(id);
      await this.#readBlob(digestOf(bytes), bytes.byteLength);
      await lease.release();
    });
  }

  async #journaled(
    operation: MixedOperation,
    names: Readonly<Record<string, Digest | null>>,
    partials: Readonly<Record<string, number | null>>,
    work: () => Promise<unknown>,
    exported?: ExportedName,
  ): Promise<void> {
    const begin = { event: 'begin', operation, names, partials } as const;
    this.#write(exported === undefined ? begin : { ...begin, exported });
    await work();
    for (const [name, digest] of Object.entries(names)) {
      if (digest === null) this.#names.delete(name);
      else this.#names.set(name, digest);
    }
    this.#write({ event: 'done' });
  }

  /** What was just confirmed is read whole: nobody may have taken a part of it. */
  async #readBack(digest: Digest, name: string): Promise<void> {
    try {
      const { bytes, descriptor } = await this.#writer.target.fetchManifest(digest, { signal: this.#signal });
      const parsed = parseManifest(bytes, descriptor.mediaType);
      if (parsed.form !== 'manifest') throw new Error('it is no manifest any more');
      for (const blob of parsed.layers)
        await readAll(this.#writer.target.readBlob(blob, { signal: this.#signal }), LIMIT);
    } catch (error) {
      this.#write({ event: 'lost', what: `${name}: ${String(error)}` });
    }
  }

  async #readBlob(digest: Digest, size: number): Promise<void> {
    try {
      await readAll(
        this.#writer.target.readBlob(
          { mediaType: 'application/octet-stream', digest, size },
          { signal: this.#signal },
        ),
        LIMIT,
      );
    } catch (error) {
      this.#write({ event: 'lost', what: `${digest}: ${String(error)}` });
    }
  }

  #image(fields: object = {}): MadeImage {
    const content = this.#draw(CONTENTS);
    return makeImage(Buffer.alloc(1_000 + content * 20_000, `content ${content}`), {
      ...fields,
      annotations: { by: this.#prefix },
    });
  }

  #anyName(): readonly [string, Digest] | undefined {
    return [...this.#names][this.#draw(this.#names.size)];
  }

  #draw(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

function partialBytes(prefix: string, content: number): Uint8Array {
  return Buffer.alloc(PARTIAL_SIZE, `${prefix} ${content} `);
}

function uuidOf(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
