import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';

/** The rows in sight, the last one included; `last` is less than `first` when there is none. */
export interface RowsInSight {
  readonly first: number;
  readonly last: number;
}

export interface FixedRowsOptions {
  readonly count: number;
  /** Height of every row, in pixels. */
  readonly rowHeight: number;
  /** Height of what stays above the rows while they scroll below it, in pixels. */
  readonly headHeight?: number;
  /** Told of every change of the rows in sight, outside of rendering. */
  readonly onSight?: (sight: RowsInSight) => void;
}

/** Which rows of a long list have to be drawn. */
export interface FixedRows {
  /** For the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Rows to draw: those in sight and some around them. */
  readonly drawn: readonly number[];
  /** Pixels from the top of the list. */
  readonly topOf: (index: number) => number;
  /** Pixels of the whole list, head included. */
  readonly height: number;
  /** Brings a row into sight, by as little as possible. */
  readonly reveal: (index: number) => void;
  /** The rows in sight now. Not to be called while rendering. */
  readonly sight: () => RowsInSight;
}

/** Rows drawn beyond each edge. */
const AROUND = 12;
/** The drawn rows change in steps of so many: most frames of a scroll draw nothing new. */
const STEP = 6;
/** Rows assumed in sight before anything was measured. */
const FIRST_GUESS = 40;

/**
 * The window of a list whose rows all have one height: what is drawn depends on what is in sight, never on how many
 * there are. It is moved in the scroll event itself, so that no frame shows a gap.
 */
export function useFixedRows({ count, rowHeight, headHeight = 0, onSight }: FixedRowsOptions): FixedRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [span, setSpan] = useState({ from: 0, to: FIRST_GUESS });
  const latest = useRef({ count, onSight });
  const told = useRef<RowsInSight>({ first: 0, last: -1 });

  const sight = useCallback((): RowsInSight => {
    const element = scroller.current;
    if (element === null) return { first: 0, last: -1 };
    const { first, rows } = measure(element, rowHeight, headHeight);
    return { first, last: Math.min(latest.current.count, first + rows) - 1 };
  }, [rowHeight, headHeight]);

  const take = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const now = sight();
    if (now.first !== told.current.first || now.last !== told.current.last) {
      told.current = now;
      latest.current.onSight?.(now);
    }
    const { first, rows } = measure(element, rowHeight, headHeight);
    const from = Math.max(0, Math.floor((first - AROUND) / STEP) * STEP);
    const to = Math.ceil((first + rows + AROUND) / STEP) * STEP;
    setSpan((before) => (before.from === from && before.to === to ? before : { from, to }));
  }, [sight, rowHeight, headHeight]);

  useLayoutEffect(() => {
    latest.current = { count, onSight };
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => flushSync(take);
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(take);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [take]);

  const from = Math.min(span.from, count);
  const to = Math.min(span.to, count);
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
  return { scroller, drawn, topOf, height: headHeight + count * rowHeight, reveal, sight };
}

/** The first row in sight and how many fit, whatever there is to show. */
function measure(
  element: HTMLElement,
  rowHeight: number,
  headHeight: number,
): { readonly first: number; readonly rows: number } {
  return {
    first: Math.max(0, Math.floor(element.scrollTop / rowHeight)),
    rows: Math.max(1, Math.ceil((element.clientHeight - headHeight) / rowHeight) + 1),
  };
}
