import { test as base, expect } from '@playwright/test';
import type { Browser } from '@playwright/test';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { accessibilityProblems } from './accessibility.ts';
import { watchPage } from './page-watch.ts';
import type { PageWatch } from './page-watch.ts';
import type { HostStart, RunningHost } from './running-host.ts';
import { startElectron } from './start-electron.ts';
import { startWeb } from './start-web.ts';
import { webBrowser } from './surroundings.ts';

/** What a project of the configuration says. */
export interface HostOptions {
  readonly hostKind: 'electron' | 'web';
}

/** Tallyman as a person has it: a host with its page open. */
export interface App extends RunningHost {
  readonly host: HostOptions['hostKind'];
  readonly dataFolder: string;
  /** Collects what must not happen; the spec fails at its end when something did. */
  readonly watch: PageWatch;
}

export interface Fixtures {
  /** Starts Tallyman; a spec that needs no place and no environment takes `app`. Everything is ended and checked after the spec. */
  readonly start: (options?: Partial<HostStart>) => Promise<App>;
  readonly app: App;
  /** A folder that is removed after the spec. */
  readonly temporaryFolder: string;
}

export interface WorkerFixtures {
  /** Starts the browser when the first spec of a worker wants it. */
  readonly launchBrowser: () => Promise<Browser>;
}

/**
 * The test of every spec: runs in each host, and ends with: no violation of the Content Security Policy, no console error, no unhandled
 * rejection, no error in the host's log, nothing serious found by axe, in light and in dark.
 */
export const test = base.extend<Fixtures & HostOptions, WorkerFixtures>({
  hostKind: ['web', { option: true }],

  launchBrowser: [
    async ({ playwright }, use) => {
      let browser: Promise<Browser> | undefined;
      await use(() => {
        const found = webBrowser();
        browser ??= playwright.chromium.launch({
          ...(found?.executable === undefined ? {} : { executablePath: found.executable }),
          ...(found?.environment === undefined ? {} : { env: { ...process.env, ...found.environment } }),
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        });
        return browser;
      });
      await (await browser)?.close();
    },
    { scope: 'worker' },
  ],

  temporaryFolder: async ({ hostKind }, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), `tallyman e2e ${hostKind} `));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  start: async ({ hostKind, launchBrowser, temporaryFolder }, use, testInfo) => {
    const started: App[] = [];
    await use(async (options = {}) => {
      const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(temporaryFolder, 'data ')));
      await mkdir(dataFolder, { recursive: true });
      const start = { ...options, dataFolder };
      const host =
        hostKind === 'electron' ? await startElectron(start) : await startWeb(await launchBrowser(), start);
      const app = { ...host, host: hostKind, dataFolder, watch: await watchPage(host.page, dataFolder) };
      started.push(app);
      return app;
    });
    const problems: string[] = [];
    for (const app of started) {
      if (!app.page.isClosed()) {
        if (testInfo.status !== testInfo.expectedStatus)
          await testInfo.attach('page', { body: await app.page.screenshot(), contentType: 'image/png' });
        problems.push(...(await accessibilityProblems(app.page)));
      }
      problems.push(...(await app.watch.problems()));
      await app.close();
    }
    expect(problems, 'what must not happen in any spec').toEqual([]);
  },

  app: async ({ start }, use) => {
    await use(await start());
  },
});

export { expect };
