import type { App } from './test.ts';

/** What is in the clipboard now, read by the host and not by the page, which may only write. */
export async function readClipboard({ electron, page }: App): Promise<string> {
  if (electron !== undefined) return electron.evaluate(({ clipboard }) => clipboard.readText());
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  return page.evaluate(() => navigator.clipboard.readText());
}
