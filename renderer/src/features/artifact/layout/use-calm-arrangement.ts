import { useEffect, useRef, useState } from 'react';
import type { Arrangement } from './arrangement.ts';
import { between, countMoved } from './move-between.ts';

/** How long things take to their new places, in milliseconds. */
const DURATION = 200;
/** When more than this moves at once, it moves without a way between: that would cost frames and tell nothing. */
const MOVED_LIMIT = 160;

/**
 * The arrangement with its changes shown as movement: what was placed already glides to its new place. With reduced
 * motion, or when very much moves, changes are shown at once.
 */
export function useCalmArrangement(target: Arrangement | undefined): Arrangement | undefined {
  const [shown, setShown] = useState(target);
  const current = useRef(target);

  useEffect(() => {
    const from = current.current;
    const show = (next: Arrangement | undefined): void => {
      current.current = next;
      setShown(next);
    };
    if (from === target) return undefined;
    const moved = from === undefined || target === undefined ? 0 : countMoved(from, target);
    if (
      from === undefined ||
      target === undefined ||
      moved === 0 ||
      moved > MOVED_LIMIT ||
      prefersReducedMotion()
    ) {
      show(target);
      return undefined;
    }
    const begin = performance.now();
    let frame = requestAnimationFrame(step);
    function step(now: number): void {
      if (from === undefined || target === undefined) return;
      const progress = Math.min(1, Math.max(0, (now - begin) / DURATION));
      show(progress === 1 ? target : between(from, target, easeOut(progress)));
      if (progress < 1) frame = requestAnimationFrame(step);
    }
    return () => cancelAnimationFrame(frame);
  }, [target]);

  return shown;
}

function easeOut(progress: number): number {
  return 1 - (1 - progress) ** 3;
}

/** True when the person asked their system for less movement. */
export function prefersReducedMotion(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
}
