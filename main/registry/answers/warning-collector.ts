import { displayText } from '../../../shared/display/display-text.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import { parseWarning } from './parse-warning-header.ts';

/** Different warnings of one registry that are told; more would be noise. */
const WARNINGS_LIMIT = 100;

/** Passes a registry's warnings on, each once: it repeats them on every answer (quirk W1). */
export interface WarningCollector {
  /** Looks for `Warning` lines in an answer. They change nothing else (distribution-spec, Warnings). */
  collect(headers: AnswerHeaders): void;
  /** Tells something Tallyman noticed itself. */
  tell(text: string): void;
}

/** Makes the collector of one registry; `onWarning` gets texts that are safe to show. */
export function createWarningCollector(onWarning: (text: string) => void): WarningCollector {
  const told = new Set<string>();
  const tell = (text: string): void => {
    const shown = displayText(text);
    if (told.has(shown) || told.size >= WARNINGS_LIMIT) return;
    told.add(shown);
    onWarning(shown);
  };
  return {
    collect(headers) {
      for (const line of headers.all('warning')) {
        const text = parseWarning(line);
        if (text !== undefined) tell(text);
      }
    },
    tell,
  };
}
