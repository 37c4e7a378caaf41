import { useLayoutEffect, useRef, type RefObject } from 'react';
import { useGraphActions } from './graph-actions.ts';

/** Tells the view about the button that the keyboard stands on for one card or cluster. */
export function useStop(id: string): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const { arrived, left } = useGraphActions();
  useLayoutEffect(() => {
    const element = button.current;
    if (element === null) return undefined;
    arrived(id, element);
    return () => left(id, element);
  }, [id, arrived, left]);
  return button;
}
