// Does the set-up and runs everything: npm test [-- --only STAGE[,STAGE…] [words for its tool]]
// Ends with one line: N passed, N failed, N skipped.
import { prepare, root } from './setup/prepare.mjs';
import { CHECKS, runCheck } from './test/checks.mjs';
import { runEndToEnd } from './test/end-to-end.mjs';
import { readTestWords } from './test/read-words.mjs';
import { stopChildrenOnSignals } from './test/stage.mjs';
import { runUnit } from './test/unit.mjs';

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

const words = readTestWords(process.argv.slice(2));
if ('complaint' in words) {
  say(words.complaint);
  process.exit(2);
}
const { stages, rest } = words;

await prepare();
stopChildrenOnSignals();

/** The checks one after the other: beside the unit tests they are as much as two cores do. */
async function runChecks() {
  const results = [];
  for (const check of Object.keys(CHECKS)) {
    if (stages.includes(check)) results.push(await runCheck(root, check));
  }
  return results;
}

async function runUnits() {
  return stages.includes('unit') ? [await runUnit(root, rest)] : [];
}

const [checks, unit] = await Promise.all([runChecks(), runUnits()]);
// Alone: frames and time-outs are measured there.
const endToEnd = stages.includes('e2e') ? [await runEndToEnd(root, rest, say)] : [];

const results = [...checks, ...unit, ...endToEnd];
// What failed stands at the end, where it is seen.
for (const note of results.flatMap(({ notes }) => notes)) {
  if (/^(?:failed|unsteady):/.test(note)) process.stdout.write(`\n${note}`);
}
/** @param {'passed' | 'failed' | 'skipped'} outcome */
const sum = (outcome) => results.reduce((total, result) => total + result[outcome], 0);
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exitCode = sum('failed') === 0 && results.length > 0 ? 0 : 1;
