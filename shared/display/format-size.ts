const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * A number of bytes in SI units with at most one decimal: "0 B", "812 B", "4.1 kB", "28.1 MB". A number that is no size
 * (negative, not finite) reads "unknown size", so that a wrong total can never look like a right one.
 */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return 'unknown size';
  let value = bytes;
  let unit = 0;
  // 999.95 and more would round to "1000.0": that is the next unit.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? String(Math.round(value)) : value.toFixed(1);
  return `${digits} ${UNITS[unit] ?? 'B'}`;
}
