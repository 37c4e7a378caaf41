import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printStage, runCommand } from './stage.mjs';

/**
 * Runs the unit and contract tests.
 *
 * @param {string} root
 * @param {readonly string[]} words for Vitest
 * @param {string} node the Node that runs them
 * @returns {Promise<import('./stage.mjs').StageResult>}
 */
export async function runUnit(root, words, node = process.execPath) {
  const began = performance.now();
  const first = await runVitest(root, words, node);
  const again = first.code !== 0 && mayRunAgain(first) ? await runAgain(root, words, node, first) : undefined;
  const last = again ?? first;
  const failed = last.failures.length;
  const result = {
    name: 'unit and contract tests',
    passed: (first.report.numPassedTests ?? 0) + (again === undefined ? 0 : first.failures.length - failed),
    // A file that cannot be loaded, or an unhandled rejection, fails the run and no test.
    failed: last.code !== 0 && failed === 0 ? 1 : failed,
    skipped: (first.report.numPendingTests ?? 0) + (first.report.numTodoTests ?? 0),
    seconds: (performance.now() - began) / 1000,
    notes: [
      ...skippedTitles(first.report),
      ...last.failures.map((name) => `failed: ${name}`),
      ...(again === undefined ? [] : unsteadyTests(first, again)),
    ],
  };
  printStage(
    result,
    again === undefined ? first.output : `${first.output.trimEnd()}\n\nAgain:\n${again.output}`,
  );
  return result;
}

/**
 * @typedef {{ testResults?: { name: string, status: string, assertionResults: { status: string, fullName: string, ancestorTitles: string[] }[] }[], numPassedTests?: number, numPendingTests?: number, numTodoTests?: number }} VitestReport
 * @typedef {{ code: number, output: string, report: VitestReport, failures: readonly string[] }} VitestRun
 */

/**
 * @param {string} root
 * @param {readonly string[]} words
 * @param {string} node
 * @returns {Promise<VitestRun>}
 */
async function runVitest(root, words, node) {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-unit-'));
  const file = path.join(folder, 'report.json');
  const { code, output } = await runCommand(
    node,
    [
      path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...words,
    ],
    { cwd: root },
  );
  /** @type {VitestReport} */
  const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  await rm(folder, { recursive: true });
  const failures = (report.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  return { code, output, report, failures };
}

/** Files that fail in one run; more than these are no accident. */
const FILES_RUN_AGAIN = 3;

/**
 * A build machine says nothing but "failed", so few failing files are run a second time there, alone: the last lines then name what
 * fails always, and what failed once.
 *
 * @param {VitestRun} run
 */
function mayRunAgain({ report }) {
  return process.env['TALLYMAN_RUN_AGAIN'] === 'yes' && failedFiles(report).length <= FILES_RUN_AGAIN;
}

/**
 * @param {string} root
 * @param {readonly string[]} words
 * @param {string} node
 * @param {VitestRun} run
 */
function runAgain(root, words, node, { report }) {
  const files = failedFiles(report);
  return runVitest(root, files.length === 0 ? words : files, node);
}

/** @param {VitestReport} report */
function failedFiles({ testResults = [] }) {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/**
 * @param {VitestRun} first
 * @param {VitestRun} again
 */
function unsteadyTests(first, again) {
  const names = first.failures.filter((name) => !again.failures.includes(name));
  if (first.failures.length === 0) names.push('the run itself, by an error outside of any test');
  return names.map((name) => `unsteady: failed the first time and passed the second: ${name}`);
}

/**
 * One line for each group of tests that did not run: the group's title says what is missing.
 *
 * @param {VitestReport} report
 */
function skippedTitles({ testResults = [] }) {
  /** @type {Map<string, number>} */
  const groups = new Map();
  for (const { status, fullName, ancestorTitles } of testResults.flatMap(
    ({ assertionResults }) => assertionResults,
  )) {
    if (status !== 'pending' && status !== 'skipped' && status !== 'todo') continue;
    const group = ancestorTitles[0] ?? fullName;
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...groups].map(([group, count]) => `skipped: ${group}${count > 1 ? ` (${count} tests)` : ''}`);
}
