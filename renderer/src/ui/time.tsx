import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { exactTime, relativeTime } from './relative-time.ts';
import { useNow } from './use-now.ts';

interface TimeProps {
  /** RFC 3339, as a registry gives it: may be anything. */
  readonly value: string;
}

/** A moment, told from now ("3 days ago"); the exact one is in its tooltip. What is no date is shown as it came. */
export function Time({ value }: TimeProps): JSX.Element {
  const now = useNow();
  const moment = Date.parse(value);
  if (Number.isNaN(moment)) return <bdi>{displayText(value)}</bdi>;
  return (
    <time dateTime={new Date(moment).toISOString()} title={exactTime(moment)}>
      {relativeTime(moment, now)}
    </time>
  );
}
