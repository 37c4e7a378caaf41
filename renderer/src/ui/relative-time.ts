const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30.44 * DAY;
const YEAR = 365.25 * DAY;

/**
 * A moment as told from now, in one column's width: "just now", "5 min ago", "2 h ago", "3 days ago", "1 month ago".
 * Builds that claim no date (the epoch, year 1) say so instead of "56 years ago".
 */
export function relativeTime(moment: number, now: number): string {
  if (moment <= DAY) return 'not dated';
  const ago = now - moment;
  if (ago < -MINUTE) return `in ${span(-ago)}`;
  if (ago < MINUTE) return 'just now';
  return `${span(ago)} ago`;
}

function span(duration: number): string {
  if (duration < HOUR) return `${Math.floor(duration / MINUTE)} min`;
  if (duration < DAY) return `${Math.floor(duration / HOUR)} h`;
  if (duration < MONTH) return counted(Math.floor(duration / DAY), 'day');
  if (duration < YEAR) return counted(Math.floor(duration / MONTH), 'month');
  return counted(Math.floor(duration / YEAR), 'year');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The exact moment, the same for everyone: "2026-11-20 16:04:09 UTC". */
export function exactTime(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
