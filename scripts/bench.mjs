// Speed and size, printed as ratios beside a peer in the same run: npm run bench [-- NAME…]
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBrowser } from './setup/browser.mjs';
import { missingDisplay } from './setup/display.mjs';
import { findElectron } from './setup/electron-runtime.mjs';
import { prepare, root } from './setup/prepare.mjs';

await prepare();
/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);
const browser = await ensureBrowser(root, say);
if ('reason' in browser || browser.executable === undefined) {
  say(
    `bench: the window benchmarks need Chromium or Chrome: ${'reason' in browser ? browser.reason : 'only Playwright’s own was found'}`,
  );
  process.exit(1);
}
const electron = findElectron(root);
const noDisplay = missingDisplay();
if ('reason' in electron || noDisplay !== undefined) {
  say(`bench: without Electron: ${'reason' in electron ? electron.reason : noDisplay}`);
}
const vite = await import('vite');
const folder = path.join(root, 'dist', 'bench');
await vite.build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    outDir: folder,
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      external: ['@playwright/test'],
      input: path.join(root, 'scripts/bench/run.ts'),
      output: { format: 'esm', entryFileNames: 'run.mjs' },
    },
  },
});
const { runBenchmarks } = await import(pathToFileURL(path.join(folder, 'run.mjs')).href);
process.exitCode = await runBenchmarks({
  root,
  names: process.argv.slice(2),
  browser: browser.executable,
  electron: 'reason' in electron || noDisplay !== undefined ? undefined : electron.folder,
});
