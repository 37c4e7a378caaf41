import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const boundsSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
});
const stateSchema = boundsSchema.extend({ maximized: z.boolean() });

/** Where the window stood, and how large it was before it was maximized. */
export type WindowState = z.infer<typeof stateSchema>;
/** A rectangle of the desktop in device-independent pixels. */
export type Bounds = z.infer<typeof boundsSchema>;

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
  const state = stateSchema.safeParse(parseJson(text));
  if (!state.success) return undefined;
  return screens.some((screen) => isVisible(state.data, screen)) ? state.data : undefined;
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
