import { useEffect, useRef, useState } from 'react';
import { sameInput } from './same-input.ts';
import { createLayouter, type Layouter } from './layouter.ts';
import { holdInPlace } from './move-between.ts';
import type { ArrangeInput, Arrangement } from './arrangement.ts';

/**
 * The picture of a graph as the worker last laid it out; undefined until the first one is there.
 *
 * @param held - What stays in its place when the picture changes, where it is not the root
 */
export function useArrangement(
  input: ArrangeInput | undefined,
  held: string | undefined,
): Arrangement | undefined {
  const [arrangement, setArrangement] = useState<Arrangement>();
  const layouter = useRef<Layouter>(undefined);
  const holding = useRef(held);

  useEffect(() => {
    holding.current = held;
  }, [held]);

  useEffect(() => {
    const opened = createLayouter((next) =>
      setArrangement((before) => holdInPlace(next, before, holding.current)),
    );
    layouter.current = opened;
    return () => {
      layouter.current = undefined;
      opened.close();
    };
  }, []);

  const asked = useRef<{ readonly layouter: Layouter; readonly input: ArrangeInput }>(undefined);
  useEffect(() => {
    const current = layouter.current;
    if (input === undefined || current === undefined) return;
    if (asked.current?.layouter === current && sameInput(asked.current.input, input)) return;
    asked.current = { layouter: current, input };
    current.request(input);
  }, [input]);

  return input === undefined ? undefined : arrangement;
}
