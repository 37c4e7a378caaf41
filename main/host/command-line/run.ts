import { homedir } from 'node:os';
import { programVersion } from '../program-version.ts';
import { runCommandLine } from './command-line.ts';

// The program itself: `dist/cli/run.mjs` when bundled. Everything it does is in command-line.ts, which tests call without a process.

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());

// `tallyman … | head` closes the pipe early: that is no fault, and there is nobody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? 0);
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  // npm runs scripts in the folder of the package and keeps the caller's in INIT_CWD.
  workingDirectory: process.env['INIT_CWD'] ?? process.cwd(),
  homeFolder: homedir(),
  version: programVersion(),
  signal: interrupt.signal,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  stderrIsTerminal: process.stderr.isTTY,
});
