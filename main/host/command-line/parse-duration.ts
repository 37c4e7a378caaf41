const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest time that is taken: a hundred years. */
const LONGEST_MS = 100 * 365 * 86_400_000;

/** A time on the command line in milliseconds: a whole number and one of s, m, h, d ("24h"); undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNIT_MS[unit] ?? Number.NaN);
  return number !== '' && milliseconds <= LONGEST_MS ? milliseconds : undefined;
}
