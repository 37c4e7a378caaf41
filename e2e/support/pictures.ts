import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { root } from './surroundings.ts';
import type { App } from './test.ts';

/** Sizes of window at which the columns stand differently, in CSS pixels. */
export const WINDOW_SIZES = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'narrow', width: 1024, height: 700 },
  { name: 'small', width: 700, height: 600 },
] as const;

/**
 * Takes a picture of the window in light and in dark into `test-results/screenshots/HOST/NAME-SCHEME.png`, an artifact of every run to
 * be looked at by people.
 *
 * @returns what is cut off without a sign of it, one line each
 */
export async function takePictures(app: App, name: string): Promise<readonly string[]> {
  const folder = path.join(root, 'test-results', 'screenshots', app.host);
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await app.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await app.page.screenshot({
      path: path.join(folder, `${name}-${colorScheme}.png`),
      animations: 'disabled',
      caret: 'initial',
    });
  }
  return (await app.page.evaluate(findCutTexts)).map((line) => `${name}: ${line}`);
}

/**
 * Runs in the page: texts whose letters are cut by a box that neither scrolls nor ends them with an ellipsis, and a page that scrolls
 * sideways.
 */
function findCutTexts(): string[] {
  const found = new Set<string>();
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth)
    found.add(`the page is ${scrollWidth - clientWidth} px wider than the window`);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue?.trim() ?? '';
    const holder = node.parentElement;
    if (text === '' || !holder?.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const cut = cutBy(rect, holder);
      if (cut !== undefined) found.add(`“${text.slice(0, 60)}” is cut ${cut}`);
    }
  }
  return [...found];

  /** Tolerates rounding: letters are placed in fractions of pixels, boxes are not. */
  function cutBy(rect: DOMRect, holder: Element): string | undefined {
    if (rect.width === 0) return undefined;
    for (let box: Element | null = holder; box !== null; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.textOverflow === 'ellipsis' || style.clipPath !== 'none') return undefined;
      const isHere = box.getBoundingClientRect();
      // For screen readers only.
      if (isHere.width <= 1 && isHere.height <= 1) return undefined;
      // The graph is a pane that moves: what lies at its edge is reached by moving it.
      if (box.getAttribute('role') === 'application') return undefined;
      const scrolls = /auto|scroll/.test(`${style.overflowX} ${style.overflowY}`);
      if (scrolls) return undefined;
      if (style.overflowX === 'visible') continue;
      if (rect.right > isHere.right + 1.5 || rect.left < isHere.left - 1.5)
        return `at the ${rect.right > isHere.right + 1.5 ? 'right' : 'left'} by .${box.className}`;
      if (rect.bottom > isHere.bottom + 4 || rect.top < isHere.top - 4)
        return `at the ${rect.bottom > isHere.bottom + 4 ? 'bottom' : 'top'} by .${box.className}`;
    }
    return rect.right > innerWidth + 1.5 || rect.left < -1.5 ? 'by the edge of the window' : undefined;
  }
}
