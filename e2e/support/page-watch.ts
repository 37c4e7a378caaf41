import type { ConsoleMessage, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Collects what must not happen in any spec. */
export interface PageWatch {
  /** Everything that went wrong so far and was not expected. */
  problems(): Promise<readonly string[]>;
  /** Takes a problem that the spec provokes on purpose out of the list. */
  expectProblem(pattern: RegExp): void;
}

const logLine = z.object({
  level: z.string(),
  from: z.string(),
  message: z.string(),
  stack: z.array(z.string()).optional(),
});

/**
 * Watches a page for violations of the Content Security Policy, console errors and warnings of the browser's own, uncaught exceptions and
 * unhandled rejections, and the host behind it for errors in its log.
 *
 * @param dataFolder - of the host
 */
export async function watchPage(page: Page, dataFolder: string): Promise<PageWatch> {
  const seen = new Set<string>();
  const expected: RegExp[] = [];
  const note = (message: ConsoleMessage): void => {
    if (message.type() === 'error' || message.type() === 'assert')
      seen.add(`console: ${message.text()} (${message.location().url})`);
  };
  page.on('console', note);
  page.on('pageerror', (error) => seen.add(`uncaught: ${error.stack ?? error.message}`));
  page.on('crash', () => seen.add('the page crashed'));
  // What happened before the first line of the spec, in a page that opened by itself.
  for (const message of await page.consoleMessages()) note(message);
  for (const error of await page.pageErrors()) seen.add(`uncaught: ${error.stack ?? error.message}`);

  return {
    async problems() {
      const logged = (await readLog(dataFolder))
        .filter(({ level }) => level === 'error')
        .map(({ from, message, stack }) => [`log of ${from}: ${message}`, ...(stack ?? [])].join('\n'));
      return [...seen, ...logged].filter((problem) => !expected.some((pattern) => pattern.test(problem)));
    },
    expectProblem(pattern) {
      expected.push(pattern);
    },
  };
}

async function readLog(dataFolder: string): Promise<readonly z.infer<typeof logLine>[]> {
  const text = await readFile(path.join(dataFolder, 'log', 'tallyman.log'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => logLine.parse(JSON.parse(line)));
}
