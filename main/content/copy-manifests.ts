import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import { isCancellation, TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { failureOf } from './copy-failure.ts';
import type { CopiedManifest } from './copy-reader.ts';
import { COPY_GATHER_MS, COPY_KEPT_BYTES_LIMIT, COPY_MANIFEST_WRITES, COPY_WAVE_SIZE } from './limits.ts';
import type { ManifestToWrite, TargetWriter } from './target-writer.ts';
import type { Target } from './target.ts';
import type { TaskGroup } from './task-group.ts';
import { createTaskPool, type TaskPool } from './task-pool.ts';

export interface ManifestWritesOptions {
  readonly from: Target;
  readonly writer: TargetWriter;
  readonly group: TaskGroup;
  /** Whether a manifest belongs to the copy. */
  readonly isCopied: (digest: Digest) => boolean;
  /** Nothing is written before `release`. */
  readonly held: boolean;
  readonly onNote: (note: ErrorData) => void;
}

interface WaitingManifest {
  readonly manifest: Omit<CopiedManifest, 'bytes'>;
  /** Undefined where they are read once more. */
  bytes: Uint8Array | undefined;
  /** How much of what has to be there first is not. */
  missing: number;
}

/**
 * Referrers of one subject: those that come at about the same time, or while others are being written, go together, as they change
 * the same list.
 */
interface SubjectWrites {
  running: boolean;
  /** Known ones that are not ready. */
  coming: number;
  readonly ready: WaitingManifest[];
  /** Nothing is waited for any more. */
  hurry: () => void;
}

/**
 * Writes each manifest as soon as everything that it names is at the destination, and its subject if that is copied as well. So a
 * copy that is stopped at any moment has left no manifest whose content is not there.
 */
export class ManifestWrites {
  written = 0;
  readonly #options: ManifestWritesOptions;
  readonly #pool: TaskPool;
  readonly #done = new Set<string>();
  /** Manifests by what they wait for. */
  readonly #waiting = new Map<string, WaitingManifest[]>();
  readonly #subjects = new Map<Digest, SubjectWrites>();
  #held: WaitingManifest[] | undefined;
  #keptBytes = 0;
  #unwritten = 0;

  constructor(options: ManifestWritesOptions) {
    this.#options = options;
    this.#pool = createTaskPool(COPY_MANIFEST_WRITES, options.group.signal);
    this.#held = options.held ? [] : undefined;
  }

  /** Manifests that were not written. */
  get unwritten(): number {
    return this.#unwritten;
  }

  add({ bytes, ...manifest }: CopiedManifest): void {
    const { children, blobs, subject } = manifest;
    const needed = new Set([
      ...blobs.map(({ descriptor }) => blobKey(descriptor.digest)),
      ...children.map(manifestKey),
      ...(subject !== undefined && this.#options.isCopied(subject) ? [manifestKey(subject)] : []),
    ]);
    const missing = [...needed].filter((key) => !this.#done.has(key));
    const keep = this.#keptBytes + bytes.byteLength <= COPY_KEPT_BYTES_LIMIT;
    if (keep) this.#keptBytes += bytes.byteLength;
    const waiting: WaitingManifest = { manifest, bytes: keep ? bytes : undefined, missing: missing.length };
    this.#unwritten += 1;
    if (subject !== undefined) this.#writesOf(subject).coming += 1;
    for (const key of missing) {
      const others = this.#waiting.get(key);
      if (others === undefined) this.#waiting.set(key, [waiting]);
      else others.push(waiting);
    }
    if (missing.length === 0) this.#ready(waiting);
  }

  blobDone(digest: Digest): void {
    this.#note(blobKey(digest));
  }

  /** Everything else is there: what was held back is written now. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const waiting of held) this.#ready(waiting);
  }

  #note(key: string): void {
    if (this.#done.has(key)) return;
    this.#done.add(key);
    const freed = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const waiting of freed) {
      waiting.missing -= 1;
      if (waiting.missing === 0) this.#ready(waiting);
    }
  }

  #ready(waiting: WaitingManifest): void {
    const { group } = this.#options;
    if (group.failed) return;
    if (this.#held !== undefined) {
      this.#held.push(waiting);
      return;
    }
    const { subject } = waiting.manifest;
    if (subject === undefined) {
      group.spawn(() => this.#pool.run(() => this.#write([waiting])));
      return;
    }
    const writes = this.#writesOf(subject);
    writes.coming -= 1;
    writes.ready.push(waiting);
    if (!writes.running) group.spawn(() => this.#writeReferrers(writes));
    else if (writes.coming === 0) writes.hurry();
  }

  #writesOf(subject: Digest): SubjectWrites {
    const writes = this.#subjects.get(subject) ?? {
      running: false,
      coming: 0,
      ready: [],
      hurry: () => undefined,
    };
    this.#subjects.set(subject, writes);
    return writes;
  }

  async #writeReferrers(writes: SubjectWrites): Promise<void> {
    writes.running = true;
    while (writes.ready.length > 0) {
      if (writes.coming > 0) await this.#gather(writes);
      await this.#pool.run(() => this.#write(writes.ready.splice(0, COPY_WAVE_SIZE)));
    }
    writes.running = false;
  }

  /** Waits a little for the others of a subject: each change of its list costs several ways there and back. */
  #gather(writes: SubjectWrites): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        writes.hurry = () => undefined;
        resolve();
      };
      const { signal } = this.#options.group;
      const timer = setTimeout(end, COPY_GATHER_MS);
      signal.addEventListener('abort', end, { once: true });
      writes.hurry = end;
    });
  }

  async #write(wave: readonly WaitingManifest[]): Promise<void> {
    const { writer, group, onNote } = this.#options;
    const { signal } = group;
    try {
      const manifests = await Promise.all(wave.map((waiting) => this.#toWrite(waiting)));
      const { notes } = await writer.writeManifests(manifests, {
        signal,
        onStored: (digest) => this.#note(manifestKey(digest)),
      });
      for (const note of notes) onNote(note);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const [first] = wave;
      const others = wave.length === 1 ? '' : ` and ${wave.length - 1} more manifests`;
      throw failureOf(
        error,
        `Writing ${first?.manifest.descriptor.digest ?? ''}${others} to ${writer.target.label}`,
      );
    }
    for (const waiting of wave) {
      this.#keptBytes -= waiting.bytes?.byteLength ?? 0;
      waiting.bytes = undefined;
      this.written += 1;
      this.#unwritten -= 1;
      this.#note(manifestKey(waiting.manifest.descriptor.digest));
    }
  }

  async #toWrite({ manifest, bytes }: WaitingManifest): Promise<ManifestToWrite> {
    const { from, group } = this.#options;
    const { descriptor, platform } = manifest;
    const { digest, mediaType } = descriptor;
    return {
      bytes: bytes ?? (await from.fetchManifest(digest, { signal: group.signal })).bytes,
      mediaType,
      digest,
      ...(platform === undefined ? {} : { platform }),
    };
  }
}

/** Says that manifests name each other in a circle, which digests that hold do not allow. */
export function neverReady(count: number): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `${count} manifests wait for each other: none can be written first.`,
    hint: 'The source answers with content that cannot have these digests. Do not trust it.',
  });
}

function blobKey(digest: Digest): string {
  return `blob ${digest}`;
}

function manifestKey(digest: Digest): string {
  return `manifest ${digest}`;
}
