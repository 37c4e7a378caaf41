import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatSize } from '../../../shared/display/format-size.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { executePull } from '../../artifacts/pull/execute-pull.ts';
import type { PullPlan } from '../../artifacts/pull/plan-pull.ts';
import type { Target } from '../../content/target.ts';
import { fileError } from '../../layout/file-error.ts';

/** Bytes and files of one thing that is dragged out: it has to be here while a mouse button is held. */
export const DRAGGED_BYTES_LIMIT = 64 * 1024 * 1024;
export const DRAGGED_FILES_LIMIT = 500;
/** Bytes of all that was dragged out, and how many there are; the oldest go when there are more. */
export const KEPT_BYTES_LIMIT = 256 * 1024 * 1024;
export const KEPT_DRAGS_LIMIT = 64;

export interface DragWish {
  readonly target: Target;
  /** Of files that are not unpacked. */
  readonly plan: PullPlan;
  /** The folder that all files of the plan are dragged in; its one file itself when absent. A safe name of one part. */
  readonly folderName?: string;
  readonly signal: AbortSignal;
}

/**
 * What is dragged out of the window: a drag needs real files, so they are pulled, verified, into a private folder (0700) that goes with
 * the program. A window knows them by tokens, each good for one drag.
 */
export interface DragFolder {
  /**
   * Pulls what is to be dragged.
   * @returns its token.
   * @throws TallymanError LIMIT above the limits, DIGEST_MISMATCH and what else the place answers, UNREADABLE when the disk refuses.
   */
  prepare(wish: DragWish): Promise<string>;
  /**
   * The absolute path to drag. Its token is used up.
   * @throws TallymanError NOT_FOUND for a token that is none, was used, or whose file is gone.
   */
  take(token: string): Promise<string>;
  /** Ends what runs and removes everything. */
  close(): Promise<void>;
}

interface Drag {
  readonly bytes: number;
  /** Undefined while it is being pulled. */
  path?: string;
  folder?: string;
  isTaken: boolean;
}

/** @param parent - where the private folder is made; tests bring their own. */
export function createDragFolder(parent: string = tmpdir()): DragFolder {
  /** By their tokens, the oldest first. */
  const drags = new Map<string, Drag>();
  const running = new Set<Promise<unknown>>();
  const stop = new AbortController();
  let root: Promise<string> | undefined;

  const forget = async (token: string): Promise<void> => {
    const folder = drags.get(token)?.folder;
    drags.delete(token);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };

  /** Room is taken before anything is fetched, so that many at once cannot pass the limit together. */
  const reserve = async (token: string, bytes: number): Promise<Drag> => {
    const isFull = (): boolean =>
      drags.size >= KEPT_DRAGS_LIMIT ||
      [...drags.values()].reduce((sum, drag) => sum + drag.bytes, bytes) > KEPT_BYTES_LIMIT;
    const forgotten: Promise<void>[] = [];
    while (isFull()) {
      const oldest = [...drags].find(([, drag]) => drag.path !== undefined);
      if (oldest === undefined) {
        throw new TallymanError({
          code: 'LIMIT',
          message: 'Too much is being made ready to be dragged out.',
          hint: 'Try again in a moment, or use “Pull to a folder…”.',
          details: { limit: KEPT_BYTES_LIMIT },
        });
      }
      forgotten.push(forget(oldest[0]));
    }
    const drag: Drag = { bytes, isTaken: false };
    drags.set(token, drag);
    await Promise.all(forgotten);
    return drag;
  };

  const fill = async (drag: Drag, { target, plan, folderName, signal }: DragWish): Promise<void> => {
    root ??= mkdtemp(path.join(parent, 'tallyman-drag-'));
    let folder: string;
    try {
      folder = await mkdtemp(path.join(await root, 'drag-'));
    } catch (error) {
      throw fileError(error, 'Making a temporary folder');
    }
    drag.folder = folder;
    const into = folderName === undefined ? folder : path.join(folder, folderName);
    const { items } = await executePull(plan, target, into, { existing: 'keep', signal });
    const failed = items.find(({ outcome }) => outcome !== 'written');
    if (failed !== undefined) {
      throw new TallymanError(
        failed.error ?? { code: 'UNREADABLE', message: 'The file to drag could not be written.' },
      );
    }
    const [only] = items;
    drag.path = folderName === undefined ? path.join(folder, only?.name ?? '') : into;
  };

  const prepare = async (wish: DragWish): Promise<string> => {
    requireSmall(wish.plan);
    const token = randomBytes(24).toString('base64url');
    try {
      const signal = AbortSignal.any([wish.signal, stop.signal]);
      signal.throwIfAborted();
      const drag = await reserve(token, wish.plan.totalBytes);
      await fill(drag, { ...wish, signal });
      return token;
    } catch (error) {
      await forget(token);
      throw error;
    }
  };

  return {
    async prepare(wish) {
      const preparing = prepare(wish);
      running.add(preparing);
      try {
        return await preparing;
      } finally {
        running.delete(preparing);
      }
    },

    async take(token) {
      const drag = drags.get(token);
      const found = drag?.isTaken === false ? drag.path : undefined;
      if (drag !== undefined) drag.isTaken = true;
      // A file manager may move what is dragged.
      if (found !== undefined && (await lstat(found).catch(() => undefined)) !== undefined) return found;
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: 'What was to be dragged is not there any more.',
        hint: 'Drag it once more.',
      });
    },

    async close() {
      stop.abort();
      await Promise.allSettled(running);
      drags.clear();
      const folder = await root?.catch(() => undefined);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function requireSmall({ items, totalBytes }: PullPlan): void {
  // Content that has several names is fetched once and written for each.
  const written = items.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  if (
    written <= DRAGGED_BYTES_LIMIT &&
    totalBytes <= DRAGGED_BYTES_LIMIT &&
    items.length <= DRAGGED_FILES_LIMIT
  )
    return;
  throw new TallymanError({
    code: 'LIMIT',
    message:
      items.length > DRAGGED_FILES_LIMIT
        ? `It has ${items.length.toLocaleString('en')} files; at most ${DRAGGED_FILES_LIMIT} can be dragged out.`
        : `It has ${formatSize(written)}; at most ${formatSize(DRAGGED_BYTES_LIMIT)} can be dragged out.`,
    hint: 'Use “Pull to a folder…”, which shows its progress and goes on after an interruption.',
    details: { limit: items.length > DRAGGED_FILES_LIMIT ? DRAGGED_FILES_LIMIT : DRAGGED_BYTES_LIMIT },
  });
}
