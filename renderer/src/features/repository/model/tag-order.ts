import parse from 'semver/functions/parse.js';

/** A tag and what its place in the row order depends on, worked out once. */
export interface OrderedTag {
  readonly tag: string;
  /** Present when the tag is a version, whole ("1.8.2-rc.1") or not ("1.8"). */
  readonly version?: TagVersion;
}

interface TagVersion {
  readonly major: number;
  /** `FLOATING` where the tag leaves it out: "1.8" follows the newest patch, so it stands before every 1.8.x. */
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: readonly (string | number)[];
}

const FLOATING = Number.MAX_SAFE_INTEGER;
/** Longer tags are no versions; it also bounds the work. The distribution-spec allows 128 characters. */
const VERSION_LENGTH_LIMIT = 128;
const VERSION_START = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?=[-+_]|$)/;

/** Reads a tag once, for all comparisons that follow. */
export function orderedTag(tag: string): OrderedTag {
  const version = tag.length > VERSION_LENGTH_LIMIT ? undefined : versionOf(tag);
  return version === undefined ? { tag } : { tag, version };
}

function versionOf(tag: string): TagVersion | undefined {
  const match = VERSION_START.exec(tag);
  if (match === null) return undefined;
  const [start, major = '0', minor, patch] = match;
  const rest = tag.slice(start.length).replace(/^_/, '-');
  const prerelease =
    parse(`${Number(major)}.0.0${rest}`, { loose: true })?.prerelease ?? (rest === '' ? [] : [rest.slice(1)]);
  return {
    major: Number(major),
    minor: minor === undefined ? FLOATING : Number(minor),
    patch: patch === undefined ? FLOATING : Number(patch),
    prerelease,
  };
}

/**
 * The order of rows by version: `latest`, then versions with the newest first (semver, sections 11.2–11.4),
 * then all other names in the order of a dictionary that knows numbers.
 */
export function compareByVersion(a: OrderedTag, b: OrderedTag): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (a.version === undefined || b.version === undefined) return compareNaturally(a.tag, b.tag);
  return (
    b.version.major - a.version.major ||
    b.version.minor - a.version.minor ||
    b.version.patch - a.version.patch ||
    comparePrerelease(b.version.prerelease, a.version.prerelease) ||
    compareNaturally(a.tag, b.tag)
  );
}

function rankOf(tag: OrderedTag): number {
  if (tag.tag === 'latest') return 0;
  return tag.version === undefined ? 2 : 1;
}

function comparePrerelease(a: TagVersion['prerelease'], b: TagVersion['prerelease']): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    if (typeof left === 'number') return -1;
    if (typeof right === 'number') return 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const ZERO = 48;
const NINE = 57;

/** Compares as a dictionary that knows numbers: "pr-9" before "pr-10". By hand, because `Intl.Collator` is ten times slower. */
export function compareNaturally(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(j);
    if (isDigit(left) && isDigit(right)) {
      const endLeft = endOfNumber(a, i);
      const endRight = endOfNumber(b, j);
      const byNumber = compareNumbers(a.slice(i, endLeft), b.slice(j, endRight));
      if (byNumber !== 0) return byNumber;
      i = endLeft;
      j = endRight;
      continue;
    }
    if (left !== right) return left - right;
    i++;
    j++;
  }
  return a.length - i - (b.length - j) || (a < b ? -1 : a > b ? 1 : 0);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** Digits of any length; leading zeros only decide between equal numbers. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, '');
  const right = b.replace(/^0+(?=\d)/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
