import path from 'node:path';
import type { TransfersChanged } from '../../../shared/contract/transfers.ts';
import { hasEnded } from '../../../shared/contract/transfer-words.ts';
import type { JobRunner } from '../../transfers/job-runner.ts';
import { openJournal } from '../../transfers/transfer-journal.ts';
import { openTransferQueue, type TransferQueue } from '../../transfers/transfer-queue.ts';
import { createDropSpool, type DropSpool } from '../files/drop-spool.ts';
import type { FileGrants } from '../files/file-grants.ts';
import { filesReadBy, readLocalRequest, type LocalRequest } from './local-request.ts';

export interface TransferRoomOptions {
  readonly dataFolder: string;
  readonly runner: JobRunner<LocalRequest>;
  readonly grants: FileGrants;
  readonly onChange: (changes: TransfersChanged) => void;
  readonly onWarning: (text: string) => void;
  /** The clock in milliseconds. */
  readonly now: () => number;
}

/** The queue and the files that were streamed up for it, opened when they are first needed: of several programs on one data folder, one has them. */
export interface TransferRoom {
  /** @throws TallymanError CONFLICT when another Tallyman has the queue; it is asked again the next time. */
  queue(): Promise<TransferQueue<LocalRequest>>;
  /** Good once `queue` was opened: what others streamed up is none of ours. */
  readonly spool: DropSpool;
  close(): Promise<void>;
}

export function createTransferRoom(options: TransferRoomOptions): TransferRoom {
  const { dataFolder, runner, grants, onChange, onWarning, now } = options;
  let opening: Promise<TransferQueue<LocalRequest>> | undefined;
  let opened: TransferQueue<LocalRequest> | undefined;
  let closed = false;

  const spool = createDropSpool({
    folder: path.join(dataFolder, 'drops'),
    grants,
    now,
    isUsed: (folder) =>
      opened === undefined ||
      opened
        .requests()
        .some(
          ({ request, state }) =>
            (!hasEnded(state) || state === 'failed') &&
            filesReadBy(request).some((file) => file === folder || file.startsWith(folder + path.sep)),
        ),
  });

  const open = async (): Promise<TransferQueue<LocalRequest>> => {
    const journal = await openJournal(path.join(dataFolder, 'transfers'));
    if (journal.warning !== undefined) onWarning(journal.warning);
    opened = await openTransferQueue<LocalRequest>({
      journal,
      runner,
      readRequest: readLocalRequest,
      onChange,
      onWarning,
      onEnded: (request) => void spool.letGo(filesReadBy(request)),
      now,
    });
    await spool.sweep();
    return opened;
  };

  return {
    spool,
    queue() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      if (closed) return;
      closed = true;
      const queue = await opening?.catch(() => undefined);
      if (queue === undefined) return;
      await spool.close();
      await queue.close();
    },
  };
}
