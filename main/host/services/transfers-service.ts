import path from 'node:path';
import type { TransferRequest } from '../../../shared/contract/transfer-request.ts';
import type { FileProposal } from '../../../shared/contract/transfers.ts';
import { isCancellation, TallymanError, toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { proposeFile, type ProposedFile } from '../../artifacts/proposal/propose-file.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import type { FileGrants } from '../files/file-grants.ts';
import type { HandlersOf, Immutable } from '../handlers.ts';
import type { SourceList } from '../sources/source-list.ts';
import { jobTextOf } from '../transfers/job-text.ts';
import { type LocalRequest, withFiles } from '../transfers/local-request.ts';
import type { TransferRoom } from '../transfers/transfer-room.ts';
import type { JobRunner } from '../../transfers/job-runner.ts';

export interface TransfersServiceOptions {
  readonly sources: SourceList;
  readonly grants: FileGrants;
  readonly runner: JobRunner<LocalRequest>;
  readonly room: TransferRoom;
  /** The clock in milliseconds. */
  readonly now: () => number;
}

/** Files that are looked at at once. */
const PROPOSALS_AT_ONCE = 8;

/** Jobs that move content: what they would do, and the queue in which they do it. */
export function createTransfersService({
  sources,
  grants,
  runner,
  room,
  now,
}: TransfersServiceOptions): HandlersOf<
  | 'transfers.propose'
  | 'transfers.plan'
  | 'transfers.start'
  | 'transfers.list'
  | 'transfers.items'
  | 'transfers.pause'
  | 'transfers.resume'
  | 'transfers.cancel'
  | 'transfers.retry'
  | 'transfers.clear'
> {
  /** The request with paths in place of tokens, and with the time that its manifest will carry. */
  const localOf = (asked: Immutable<TransferRequest>): LocalRequest => {
    const request = withFiles(asked as TransferRequest, (token, use) => grants.pathOf(token, use));
    if ((request.kind !== 'push' && request.kind !== 'attach') || request.created !== undefined)
      return request;
    return { ...request, created: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z') };
  };

  return {
    async 'transfers.propose'({ files }, { signal }) {
      const pool = createTaskPool(PROPOSALS_AT_ONCE, signal);
      const named = files.map((token) => ({ token, file: grants.pathOf(token, 'read') }));
      const propose = async (token: string, file: string): Promise<FileProposal> => {
        try {
          return proposalOf(token, await proposeFile(file, { signal }));
        } catch (error) {
          if (isCancellation(error)) throw error;
          return unreadableFile(token, path.basename(file), error);
        }
      };
      return {
        files: await Promise.all(named.map(({ token, file }) => pool.run(() => propose(token, file)))),
      };
    },

    async 'transfers.plan'({ request }, { signal }) {
      const local = localOf(request);
      const text = await jobTextOf(local, sources, room.spool.folder);
      const prepared = await runner.prepare(local, { signal, purpose: 'show' });
      try {
        return {
          ...prepared.plan,
          from: text.from,
          to: text.to,
          ...(text.command === undefined ? {} : { command: text.command }),
        };
      } finally {
        await prepared.close?.();
      }
    },

    async 'transfers.start'({ request }) {
      const local = localOf(request);
      const queue = await room.queue();
      return { job: await queue.add(local, await jobTextOf(local, sources, room.spool.folder)) };
    },

    async 'transfers.list'() {
      try {
        return { jobs: (await room.queue()).list() };
      } catch (error) {
        if (error instanceof TallymanError) return { jobs: [], locked: error.toData() };
        throw error;
      }
    },

    'transfers.items': async ({ id }) => ({ items: (await room.queue()).items(id) }),

    async 'transfers.pause'({ ids }) {
      await (await room.queue()).pause(ids);
      return {};
    },

    async 'transfers.resume'({ ids }) {
      await (await room.queue()).resume(ids);
      return {};
    },

    async 'transfers.cancel'({ ids }) {
      await (await room.queue()).cancel(ids);
      return {};
    },

    async 'transfers.retry'({ ids }) {
      await (await room.queue()).retry(ids);
      return {};
    },

    async 'transfers.clear'({ ids }) {
      await (await room.queue()).clear(ids);
      return {};
    },
  };
}

function proposalOf(file: string, proposed: ProposedFile): FileProposal {
  const { isFolder, size, kind, action, title, mediaType, artifactType, configMediaType, tags } = proposed;
  return {
    file,
    name: title,
    folder: isFolder,
    size,
    kind,
    action,
    form: kind === 'helm-chart' ? 'chart' : 'files',
    title,
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(configMediaType === undefined ? {} : { configMediaType }),
    ...(tags === undefined ? {} : { tags: [...tags] }),
  };
}

/** A file of which nothing could be read but the reason. */
function unreadableFile(file: string, name: string, error: unknown): FileProposal {
  return {
    file,
    name,
    folder: false,
    size: 0,
    kind: 'other',
    action: 'push',
    form: 'files',
    title: name,
    mediaType: MEDIA_TYPES.octetStream,
    error: toErrorData(error),
  };
}
