import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';

export interface FixedRowsOptions {
  readonly count: number;
  /** Height of every row, in pixels. */
  readonly rowHeight: number;
  /** Height of what stays above the rows while they scroll below it, in pixels. */
  readonly headHeight?: number;
}

/** Which rows of a long list have to be drawn. */
export interface FixedRows {
  /** For the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** The first row in sight. */
  readonly first: number;
  /** The last row in sight; less than `first` when there is none. */
  readonly last: number;
  /** Rows to draw: those in sight and some around them. */
  readonly drawn: readonly number[];
  /** Pixels from the top of the list. */
  readonly topOf: (index: number) => number;
  /** Pixels of the whole list, head included. */
  readonly height: number;
  /** Brings a row into sight, by as little as possible. */
  readonly reveal: (index: number) => void;
}

/** Rows drawn beyond each edge; the window of drawn rows moves in steps of half as many. */
const AROUND = 12;
/** Rows assumed in sight before anything was measured. */
const FIRST_GUESS = 40;

/**
 * The window of a list whose rows all have one height: what is drawn depends on what is in sight, never on how many
 * there are. It is moved in the scroll event itself, so that no frame shows a gap.
 */
export function useFixedRows({ count, rowHeight, headHeight = 0 }: FixedRowsOptions): FixedRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ first: 0, rows: FIRST_GUESS });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): { readonly first: number; readonly rows: number } => ({
      first: Math.max(0, Math.floor(element.scrollTop / rowHeight)),
      rows: Math.max(1, Math.ceil((element.clientHeight - headHeight) / rowHeight) + 1),
    });
    const take = (): void =>
      setSight((before) => {
        const now = measure();
        return now.first === before.first && now.rows === before.rows ? before : now;
      });
    const onScroll = (): void => flushSync(take);
    take();
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(take);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [rowHeight, headHeight]);

  const first = Math.max(0, Math.min(sight.first, count - 1));
  const last = Math.min(count, first + sight.rows) - 1;
  const step = AROUND / 2;
  const from = Math.max(0, Math.floor((first - step) / step) * step);
  const to = Math.min(count, Math.ceil((last + 1 + step) / step) * step);
  const drawn = useMemo(
    () => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at),
    [from, to],
  );

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const top = index * rowHeight;
      const bottom = top + rowHeight + headHeight;
      if (top < element.scrollTop) element.scrollTo({ top });
      else if (bottom > element.scrollTop + element.clientHeight)
        element.scrollTo({ top: bottom - element.clientHeight });
    },
    [rowHeight, headHeight],
  );
  const topOf = useCallback((index: number) => headHeight + index * rowHeight, [headHeight, rowHeight]);
  return { scroller, first, last, drawn, topOf, height: headHeight + count * rowHeight, reveal };
}
