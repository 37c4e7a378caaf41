import { useCallback } from 'react';
import { useNotify } from './notices.tsx';

/** Puts a text into the clipboard and says what was copied. */
export function useCopyText(): (text: string, what: string) => void {
  const notify = useNotify();
  return useCallback(
    (text: string, what: string) => {
      navigator.clipboard.writeText(text).then(
        () => notify({ tone: 'info', text: `Copied ${what}.` }),
        () => notify({ tone: 'info', text: 'The clipboard is not to be had in this window.' }),
      );
    },
    [notify],
  );
}
