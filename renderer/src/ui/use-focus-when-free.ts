import { useEffect } from 'react';
import type { RefObject } from 'react';

/**
 * Gives an element the focus when it appears and nothing else has it: after a place was opened by keyboard, the next
 * key goes to what was opened. Never takes the focus from anything.
 */
export function useFocusWhenFree(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body)
      element.current?.focus({ preventScroll: true });
  }, [element]);
}
