// Makes a runnable application folder below release/: npm run package
import { packageApplication } from './setup/package-application.mjs';
import { prepare, root } from './setup/prepare.mjs';

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

await prepare();
const made = await packageApplication(root, say);
if ('reason' in made) {
  say(`No package: ${made.reason}.`);
  process.exitCode = 1;
} else process.stdout.write(`${made.executable}\n`);
