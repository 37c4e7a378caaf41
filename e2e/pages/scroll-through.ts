import type { Locator } from '@playwright/test';

/** Scrolls a list with few rows in the page from its top to its end, so that every row is drawn once. */
export async function scrollThrough(list: Locator): Promise<void> {
  await list.evaluate(async (element) => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let top = 0; top < element.scrollHeight; top += element.clientHeight) {
      element.scrollTop = top;
      await frame();
      await frame();
    }
  });
}
