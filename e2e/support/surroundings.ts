import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Folder of package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const browserSchema = z.object({
  name: z.string(),
  /** Absent: Playwright's own download. */
  executable: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
});

/** The browser that `scripts/test.mjs` found for the web host. */
export type WebBrowser = z.infer<typeof browserSchema>;

/** True when `scripts/test.mjs` found Electron, and named its folder in ELECTRON_OVERRIDE_DIST_PATH. */
export function hasElectron(): boolean {
  return process.env['TALLYMAN_E2E_ELECTRON'] === 'yes';
}

/** The browser, when the specs shall run against the web host. */
export function webBrowser(): WebBrowser | undefined {
  const browser = process.env['TALLYMAN_E2E_BROWSER'];
  return browser === undefined || browser === '' ? undefined : browserSchema.parse(JSON.parse(browser));
}

/** The program that `npm run package` made, when it shall be looked at too. */
export function packagedApplication(): string | undefined {
  const executable = process.env['TALLYMAN_E2E_PACKAGE'];
  return executable === '' ? undefined : executable;
}
