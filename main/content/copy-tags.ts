import { isCancellation } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { failureOf } from './copy-failure.ts';
import type { CopyNotes } from './copy-notes.ts';
import { COPY_MANIFEST_WRITES } from './limits.ts';
import type { TargetWriter } from './target-writer.ts';
import type { TaskGroup } from './task-group.ts';
import { createTaskPool } from './task-pool.ts';

/** The end of a copy: names, and a look at what the copied artifacts are about. */
export class CopyTags {
  readonly #writer: TargetWriter;
  readonly #group: TaskGroup;
  readonly #notes: CopyNotes;
  readonly #run: <Result>(task: () => Promise<Result>) => Promise<Result>;

  constructor(writer: TargetWriter, group: TaskGroup, notes: CopyNotes) {
    this.#writer = writer;
    this.#group = group;
    this.#notes = notes;
    const pool = createTaskPool(COPY_MANIFEST_WRITES, group.signal);
    this.#run = (task) => pool.run(task);
  }

  set(tag: string, descriptor: Descriptor): void {
    const { signal } = this.#group;
    this.#group.spawn(() => this.#run(() => this.#named(tag, this.#writer.tag(tag, descriptor, { signal }))));
  }

  /** cosign adds to what its tag names: what is replaced may have signatures of its own. */
  setCompanion(tag: string, descriptor: Descriptor): void {
    const { signal } = this.#group;
    const { target } = this.#writer;
    this.#group.spawn(() =>
      this.#run(async () => {
        const before = await this.#named(tag, target.resolve(tag, { signal }));
        await this.#named(tag, this.#writer.tag(tag, descriptor, { signal }));
        if (before === undefined || before.digest === descriptor.digest) return;
        this.#notes.add({
          code: 'CONFLICT',
          message: `The tag ${tag} of ${target.label} named ${before.digest} and names ${descriptor.digest} now.`,
          hint: 'Signatures that only the destination had are no longer found by cosign: compare both if they matter.',
          details: { tag, before: before.digest, after: descriptor.digest },
        });
      }),
    );
  }

  noteAbsentSubject(subject: Digest | undefined, copied: ReadonlyMap<Digest, unknown>): void {
    if (subject === undefined || copied.has(subject)) return;
    const { target } = this.#writer;
    const { signal } = this.#group;
    this.#group.spawn(() =>
      this.#run(async () => {
        try {
          if ((await target.resolve(subject, { signal })) !== undefined) return;
        } catch (error) {
          if (isCancellation(error)) throw error;
          return; // nobody can say: it is no more than a note
        }
        this.#notes.add({
          code: 'MISSING',
          message: `What was copied is about ${subject}, which is not in ${target.label}.`,
          hint: 'Copy the subject as well, with its referrers.',
          details: { subject },
        });
      }),
    );
  }

  async #named<Result>(tag: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (isCancellation(error)) throw error;
      throw failureOf(error, `Setting the tag ${tag} in ${this.#writer.target.label}`);
    }
  }
}
