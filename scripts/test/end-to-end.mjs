import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBrowser } from '../setup/browser.mjs';
import { missingDisplay } from '../setup/display.mjs';
import { ensureElectron } from '../setup/electron-runtime.mjs';
import { packageApplication } from '../setup/package-application.mjs';
import { printStage, runCommand } from './stage.mjs';

/** A display of our own: it stays when its last window goes, or the next one would meet it just starting again. */
const XVFB = ['xvfb-run', '-a', '-s', '-screen 0 1600x1200x24 -noreset'];

/**
 * Runs the end-to-end specs in every host that this machine can have. A host that is missing is a skip for a person and a failure under CI=true.
 *
 * @param {string} root
 * @param {readonly string[]} words for Playwright
 * @param {(line: string) => void} say
 * @returns {Promise<import('./stage.mjs').StageResult>}
 */
export async function runEndToEnd(root, words, say) {
  const began = performance.now();
  const electron = await electronSurroundings(root, say);
  const browser = await ensureBrowser(root, say);
  const missing = [
    ...('reason' in electron ? [`Electron: ${electron.reason}`] : []),
    ...('reason' in browser ? [`web host: ${browser.reason}`] : []),
  ];
  const hosts = [
    ...('reason' in electron ? [] : [`Electron (${electron.folder})`]),
    ...('reason' in browser ? [] : [`the web host (${browser.name})`]),
  ];
  process.stdout.write(`\n── end-to-end specs in ${hosts.length === 0 ? 'no host' : hosts.join(' and ')}\n`);

  // Words that name other specs need no package.
  const wanted = words.length === 0 || words.some((word) => word.includes('packaged'));
  const made = 'reason' in electron || !wanted ? undefined : await packageApplication(root, say);
  if (made !== undefined && 'reason' in made) process.stdout.write(`No package: ${made.reason}\n`);
  const counts =
    hosts.length === 0
      ? { passed: 0, failed: 0, skipped: 0, notes: [] }
      : await runPlaywright(root, words, electron, browser, made);
  const inCi = process.env['CI'] === 'true';
  const result = {
    name: 'end-to-end specs',
    passed: counts.passed,
    failed: counts.failed + (made !== undefined && 'reason' in made ? 1 : 0) + (inCi ? missing.length : 0),
    skipped: counts.skipped + (inCi ? 0 : missing.length),
    seconds: (performance.now() - began) / 1000,
    notes: [
      ...missing.map((reason) => `${inCi ? 'failed' : 'skipped'}: the specs in ${reason}`),
      ...counts.notes,
    ],
  };
  printStage(result, '');
  return result;
}

/**
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<{ folder: string, wrapper: readonly string[] } | { reason: string }>} `wrapper`: the words that bring a display
 */
async function electronSurroundings(root, say) {
  const noDisplay = missingDisplay();
  const hasXvfb = spawnSync('xvfb-run', ['--help']).error === undefined;
  if (noDisplay !== undefined && !hasXvfb) return { reason: `${noDisplay}, and xvfb-run is not installed` };
  const runtime = await ensureElectron(root, say);
  if ('reason' in runtime) return runtime;
  return { folder: runtime.folder, wrapper: hasXvfb ? XVFB : [] };
}

/**
 * @param {string} root
 * @param {readonly string[]} words
 * @param {Awaited<ReturnType<typeof electronSurroundings>>} electron
 * @param {Awaited<ReturnType<typeof ensureBrowser>>} browser
 * @param {Awaited<ReturnType<typeof packageApplication>> | undefined} made
 */
async function runPlaywright(root, words, electron, browser, made) {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-e2e-'));
  const report = path.join(folder, 'report.json');
  const command = [
    ...('reason' in electron ? [] : electron.wrapper),
    process.execPath,
    path.join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
    'test',
    '--reporter=list,json',
    ...(runsAgain() ? ['--retries=1'] : []),
    ...words,
  ];
  const [program = '', ...rest] = command;
  const { code } = await runCommand(program, rest, {
    cwd: root,
    live: true,
    environment: {
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      ...('reason' in electron
        ? {}
        : { TALLYMAN_E2E_ELECTRON: 'yes', ELECTRON_OVERRIDE_DIST_PATH: electron.folder }),
      ...(made === undefined || 'reason' in made ? {} : { TALLYMAN_E2E_PACKAGE: made.executable }),
      ...('reason' in browser ? {} : { TALLYMAN_E2E_BROWSER: JSON.stringify(browser) }),
    },
  });
  const {
    stats = {},
    errors = [],
    suites = [],
  } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
  await rm(folder, { recursive: true });
  const failed = (stats.unexpected ?? 0) + errors.length;
  return {
    passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: stats.skipped ?? 0,
    notes: suites.flatMap(noteFailures),
  };
}

/** A build machine runs a spec that failed a second time, and says at the end which ones needed that. */
function runsAgain() {
  return process.env['TALLYMAN_RUN_AGAIN'] === 'yes';
}

/**
 * @typedef {{ title: string, specs?: { title: string, tests: { status: string, projectName: string }[] }[], suites?: Suite[] }} Suite
 * @param {Suite} suite
 * @returns {string[]}
 */
function noteFailures({ title, specs = [], suites = [] }) {
  const own = specs.flatMap((spec) =>
    spec.tests.flatMap(({ status, projectName }) => {
      const name = `[${projectName}] ${title} › ${spec.title}`;
      if (status === 'unexpected') return [`failed: ${name}`];
      return status === 'flaky' ? [`unsteady: failed the first time and passed the second: ${name}`] : [];
    }),
  );
  return [...own, ...suites.flatMap(noteFailures)];
}
