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
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-unit-'));
  const report = path.join(folder, 'report.json');
  const { code, output } = await runCommand(
    node,
    [
      path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...words,
    ],
    { cwd: root },
  );
  const found = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
  await rm(folder, { recursive: true });
  const failed = found.numFailedTests ?? 0;
  const result = {
    name: 'unit and contract tests',
    passed: found.numPassedTests ?? 0,
    // A file that cannot be loaded, or an unhandled rejection, fails the run and no test.
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: (found.numPendingTests ?? 0) + (found.numTodoTests ?? 0),
    seconds: (performance.now() - began) / 1000,
    notes: skippedTitles(found),
  };
  printStage(result, output);
  return result;
}

/**
 * One line for each group of tests that did not run: the group's title says what is missing.
 *
 * @param {{ testResults?: { assertionResults: { status: string, fullName: string, ancestorTitles: string[] }[] }[] }} report
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
