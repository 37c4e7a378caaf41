import { useCallback, useEffect } from 'react';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { useClient } from '../client/client-context.ts';
import { useNotify } from '../notices/notices.tsx';
import { isResizeNote } from './is-resize-note.ts';

/** Longest texts that `log.write` takes. */
const MESSAGE_LIMIT = 8192;
const STACK_LIMIT = 16384;

/** Writes an error that no view shows into the host's log. */
export function useLogError(): (message: string, stack: string | undefined) => void {
  const client = useClient();
  return useCallback(
    (message: string, stack: string | undefined) => {
      client
        .call('log.write', {
          level: 'error',
          message: message.slice(0, MESSAGE_LIMIT),
          ...(stack === undefined ? {} : { stack: stack.slice(0, STACK_LIMIT) }),
        })
        .catch(() => undefined); // With the services gone there is no log either.
    },
    [client],
  );
}

/** Logs what nobody caught, and tells the person once. */
export function useUncaughtErrorsLogged(): void {
  const log = useLogError();
  const notify = useNotify();
  useEffect(() => {
    const report = (error: unknown, message: string): void => {
      if (isCancellation(error)) return;
      log(message, error instanceof Error ? error.stack : undefined);
      notify({ tone: 'warn', from: 'A fault of Tallyman', text: message });
    };
    const onError = (event: ErrorEvent): void => {
      if (!isResizeNote(event)) report(event.error, event.message);
    };
    const onRejection = (event: PromiseRejectionEvent): void => {
      const reason: unknown = event.reason;
      report(reason, reason instanceof Error ? reason.message : String(reason));
    };
    window.addEventListener('error', onError);
    window.addEventListener('unhandledrejection', onRejection);
    return () => {
      window.removeEventListener('error', onError);
      window.removeEventListener('unhandledrejection', onRejection);
    };
  }, [log, notify]);
}
