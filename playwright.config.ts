import { defineConfig } from '@playwright/test';
import type { Project } from '@playwright/test';
import type { HostOptions } from './e2e/support/test.ts';
import { hasElectron, packagedApplication, webBrowser } from './e2e/support/surroundings.ts';

// One tree of specs for both hosts. `npm run e2e` looks for what the machine has and names it in the environment; without that, the
// specs run against the web host, in Playwright's own browser.
const electron = hasElectron();
const web = !electron || webBrowser() !== undefined;

const projects: Project<HostOptions>[] = [
  ...(electron
    ? [{ name: 'electron', testIgnore: '**/*.web.spec.ts', use: { hostKind: 'electron' as const } }]
    : []),
  ...(web ? [{ name: 'web', testIgnore: '**/*.electron.spec.ts', use: { hostKind: 'web' as const } }] : []),
  ...(packagedApplication() === undefined ? [] : [{ name: 'packaged', testDir: 'e2e/packaged' }]),
];

export default defineConfig<HostOptions>({
  testDir: 'e2e/specs',
  outputDir: 'test-results',
  projects,
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] === 'true',
  timeout: 120_000, // of whole journeys, on a machine that is busy with others
  expect: { timeout: 20_000 },
  reporter: [['list']],
});
