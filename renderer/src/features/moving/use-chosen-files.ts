import { useCallback, useEffect, useRef, useState } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import type { TaskState } from '../../client/use-task.ts';
import type { TakeFiles } from '../../moving/take-files.ts';

/** How much of what was chosen is there, where it has to be sent to the host first. */
export interface TakingProgress {
  readonly received: number;
  readonly total: number;
}

export interface ChosenFiles {
  readonly files: readonly GrantedFile[];
  /** Of the choice that is being taken in. */
  readonly taking: TaskState<unknown, TakingProgress>;
  readonly add: (take: TakeFiles) => void;
  readonly remove: (token: string) => void;
  readonly stop: () => void;
}

/**
 * Files that a person chose for a dialog, those of a drop first.
 * @param single - a later choice takes the place of the one before
 */
export function useChosenFiles(first: TakeFiles | undefined, single = false): ChosenFiles {
  const client = useClient();
  const [files, setFiles] = useState<readonly GrantedFile[]>([]);
  const { state, run, cancel } = useTask<unknown, TakingProgress>();

  const add = useCallback(
    (take: TakeFiles) =>
      run(async (signal, tell) => {
        const taken = await take(client, {
          signal,
          onProgress: (received, total) => tell({ received, total }),
        });
        if (taken.length === 0) return;
        setFiles((before) => {
          if (single) return taken.slice(0, 1);
          const known = new Set(before.map(({ token }) => token));
          return [...before, ...taken.filter(({ token }) => !known.has(token))];
        });
      }),
    [client, run, single],
  );
  const begun = useRef<TakeFiles>(undefined);
  useEffect(() => {
    if (first === undefined || begun.current === first) return;
    begun.current = first;
    add(first);
  }, [add, first]);

  const remove = useCallback(
    (token: string) => setFiles((before) => before.filter((each) => each.token !== token)),
    [],
  );
  return { files, taking: state, add, remove, stop: cancel };
}
