import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A rectangle of the desktop in device-independent pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window stood, and how large it was before it was maximized. */
export interface WindowState extends Bounds {
  readonly maximized: boolean;
}

/** What of the window must be on some screen for a remembered place to be used: enough to grab its title. */
const VISIBLE = { width: 120, height: 40 };

/**
 * Reads where the window stood.
 *
 * @param screens - work areas of the screens there are now
 * @returns undefined when nothing usable was written down, or that place is on no screen any more
 */
export function readWindowState(file: string, screens: readonly Bounds[]): WindowState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // the first start
  }
  const state = parseState(text);
  return state !== undefined && screens.some((screen) => isVisible(state, screen)) ? state : undefined;
}

/** Writes down where the window stands; a window that cannot be remembered is no reason to complain. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch {
    // The next start opens in the middle of the screen.
  }
}

function isVisible(window: Bounds, screen: Bounds): boolean {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const titleIsThere = window.y >= screen.y && window.y + VISIBLE.height <= screen.y + screen.height;
  return width >= VISIBLE.width && titleIsThere;
}

/** By hand: this is read before the first paint, and a schema library would cost more than the rest of the start. */
function parseState(text: string): WindowState | undefined {
  try {
    const { x, y, width, height, maximized } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (!isWhole(x) || !isWhole(y) || !isWhole(width) || !isWhole(height) || typeof maximized !== 'boolean')
      return undefined;
    return width > 0 && height > 0 ? { x, y, width, height, maximized } : undefined;
  } catch {
    return undefined;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
