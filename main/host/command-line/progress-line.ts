import { displayText } from '../../../shared/display/display-text.ts';
import type { Surroundings } from './surroundings.ts';

/** Milliseconds between two versions of the line: often enough to look alive, too seldom to cost anything. */
const PROGRESS_PAUSE_MS = 200;

/** Goes to the start of the line and clears it. */
const CLEAR = '\r\u001b[K';

/** One line at the end of a terminal that says how far the work is, replaced by the next one. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  /** Takes the line away, before anything else is printed. */
  readonly clear: () => void;
}

/** Prints nothing where nobody watches. */
export function createProgressLine({ stderr, stderrIsTerminal }: Surroundings): ProgressLine {
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show(text) {
      if (stderrIsTerminal !== true || Date.now() - last < PROGRESS_PAUSE_MS) return;
      last = Date.now();
      shown = true;
      stderr(`${CLEAR}${displayText(text)}`);
    },
    clear() {
      if (shown) stderr(CLEAR);
      shown = false;
    },
  };
}
