import { useRef } from 'react';

/** Letters typed within this time belong to one word, in milliseconds. */
const PAUSE = 700;

/**
 * Finds a row by the letters of its name, typed one after the other. One letter again and again steps through the
 * rows that begin with it.
 */
export function useTypeAhead(): (letter: string, names: readonly string[], at: number) => number | undefined {
  const typed = useRef({ text: '', time: 0 });
  return (letter, names, at) => {
    const now = performance.now();
    const before = now - typed.current.time < PAUSE ? typed.current.text : '';
    const text = (before + letter).toLowerCase();
    typed.current = { text, time: now };
    const isRepeat = text === letter.toLowerCase().repeat(text.length);
    const wanted = isRepeat ? text.slice(0, 1) : text;
    const first = isRepeat ? at + 1 : Math.max(at, 0);
    for (let step = 0; step < names.length; step++) {
      const index = (first + step) % names.length;
      const name = names[index] ?? '';
      const last = name.slice(name.lastIndexOf('/') + 1);
      if (name.toLowerCase().startsWith(wanted) || last.toLowerCase().startsWith(wanted)) return index;
    }
    return undefined;
  };
}
