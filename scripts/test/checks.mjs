import path from 'node:path';
import { printStage, runCommand } from './stage.mjs';

/** The checks of the sources: each is one test, and quiet when it passes. Names of packages and their programs below node_modules. */
export const CHECKS = /** @type {Readonly<Record<string, readonly string[]>>} */ ({
  types: ['typescript/bin/tsc', '-b'],
  lint: ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  format: [
    'prettier/bin/prettier.cjs',
    '--check',
    '--cache',
    '--cache-strategy',
    'content',
    '--log-level',
    'warn',
    '.',
  ],
  arrows: ['dependency-cruiser/bin/dependency-cruise.mjs', 'app', 'main', 'renderer', 'shared'],
  unused: ['knip/bin/knip.js', '--no-progress'],
});

/**
 * @param {string} root
 * @param {string} name one of CHECKS
 * @returns {Promise<import('./stage.mjs').StageResult>}
 */
export async function runCheck(root, name) {
  const began = performance.now();
  const [program = '', ...words] = CHECKS[name] ?? [];
  const { code, output } = await runCommand(
    process.execPath,
    [path.join(root, 'node_modules', program), ...words],
    { cwd: root },
  );
  const passed = code === 0;
  const result = {
    name,
    passed: passed ? 1 : 0,
    failed: passed ? 0 : 1,
    skipped: 0,
    seconds: (performance.now() - began) / 1000,
    notes: [],
  };
  printStage(result, passed ? '' : output);
  return result;
}
