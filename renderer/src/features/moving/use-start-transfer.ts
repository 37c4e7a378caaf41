import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import type { TaskState } from '../../client/use-task.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';

/** Puts a request into the queue; then the dialog goes and the transfers come. */
export function useStartTransfer(): {
  readonly state: TaskState<unknown, never>;
  readonly start: (request: TransferRequest) => void;
} {
  const client = useClient();
  const { close, showTransfers } = useDialogs();
  const { state, run } = useTask<unknown>();
  return {
    state,
    start: (request) =>
      run(async (signal) => {
        const { job } = await client.call('transfers.start', { request }, { signal });
        close();
        showTransfers(true);
        return job;
      }),
  };
}
