import { useEffect, useState } from 'react';
import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import type { TransferPlan } from '../../../../shared/contract/transfers.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import type { TaskState } from '../../client/use-task.ts';

/** A request that is still being typed is not planned at once, in milliseconds. */
const REST = 250;

export interface Planned {
  readonly state: TaskState<TransferPlan, never>;
  readonly again: () => void;
}

/** What a request would do: planned anew whenever it changes. Nothing while it is not whole. */
export function usePlan(request: TransferRequest | undefined): Planned {
  const client = useClient();
  const { state, run, cancel } = useTask<TransferPlan>();
  const [attempt, setAttempt] = useState(0);
  const asked = request === undefined ? undefined : JSON.stringify(request);

  useEffect(() => {
    if (asked === undefined) {
      cancel();
      return undefined;
    }
    // Cancelled with the effect: a request that changes while it is being planned is planned anew.
    const timer = setTimeout(
      () =>
        run((signal) =>
          client.call('transfers.plan', { request: JSON.parse(asked) as TransferRequest }, { signal }),
        ),
      REST,
    );
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [client, run, cancel, asked, attempt]);

  return { state, again: () => setAttempt((before) => before + 1) };
}
