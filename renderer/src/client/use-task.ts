import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isCancellation, toErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';

/** Where a piece of work stands that a person began. */
export type TaskState<Result, Progress> =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly progress?: Progress }
  | { readonly phase: 'failed'; readonly error: ErrorData }
  | { readonly phase: 'done'; readonly result: Result };

export interface Task<Result, Progress> {
  readonly state: TaskState<Result, Progress>;
  /** Begins; what ran before is cancelled. */
  readonly run: (work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>) => void;
  /** Ends what runs, back to the beginning. */
  readonly cancel: () => void;
}

/** One piece of work at a time, with its progress; it is cancelled when the component that began it goes. */
export function useTask<Result, Progress = never>(): Task<Result, Progress> {
  const [state, setState] = useState<TaskState<Result, Progress>>({ phase: 'idle' });
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const run = useCallback<Task<Result, Progress>['run']>((work) => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    const set = (next: TaskState<Result, Progress>): void => {
      if (controller.current === mine && !mine.signal.aborted) setState(next);
    };
    setState({ phase: 'running' });
    work(mine.signal, (progress) => set({ phase: 'running', progress })).then(
      (result) => set({ phase: 'done', result }),
      (error: unknown) => {
        if (!isCancellation(error)) set({ phase: 'failed', error: toErrorData(error) });
      },
    );
  }, []);
  const cancel = useCallback(() => {
    controller.current?.abort();
    setState({ phase: 'idle' });
  }, []);
  return useMemo(() => ({ state, run, cancel }), [state, run, cancel]);
}
