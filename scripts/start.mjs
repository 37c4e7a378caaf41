// Opens the window: does the set-up, then starts Electron, or the web host where Electron cannot be had.
//
//   npm start [-- [--web] [--port N] [--no-open] [PLACE]]
//
// PLACE is a reference (localhost:5000/team/app:1.2), a registry (localhost:5000) or the path of an image layout.
import { ensureElectron } from './setup/electron-runtime.mjs';
import { missingDisplay } from './setup/display.mjs';
import { prepare, root } from './setup/prepare.mjs';
import { readStartWords } from './start/start-words.mjs';
import { runElectron } from './start/run-electron.mjs';
import { runWebHost } from './start/run-web-host.mjs';

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

const words = readStartWords(process.argv.slice(2));
if ('complaint' in words) {
  say(words.complaint);
  process.exit(2);
}

await prepare();

// npm runs this in the project's folder; relative paths are meant where the person stands.
const folder = process.env['INIT_CWD'] ?? process.cwd();
const { web, hostWords, place } = words;
const reason = web
  ? undefined
  : await runElectron({ root, folder, place, say, missingDisplay, ensureElectron });
if (web || reason !== undefined) {
  if (reason !== undefined)
    say(`No Electron window: ${reason}. Serving the same window to a browser instead.`);
  process.exitCode = await runWebHost({
    root,
    folder,
    words: [...hostWords, ...(place === undefined ? [] : [place])],
  });
}
