import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { untilExit } from '../setup/until-exit.mjs';

/** Chromium's own log lines ("[123:0101/120000.1:ERROR:bus.cc(407)] …"): noise for a person, the reason when no window comes. */
const CHROMIUM_LOG = /^\[\d+:\d{4}\/\d{6}\.\d+:[A-Z]+\d*:[^\]]*\]\s*/;

/** Lines of a failing start that are looked through for the reason. */
const LINES_KEPT = 200;
/** What says more than the line that happens to come last. */
const TELLING = /missing x server|error while loading shared|cannot open shared|sandbox|^fatal/i;

/**
 * Runs the window in Electron until it is closed.
 *
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.folder where the person stands
 * @param {string | undefined} options.place
 * @param {(line: string) => void} options.say
 * @param {() => string | undefined} options.missingDisplay
 * @param {typeof import('../setup/electron-runtime.mjs').ensureElectron} options.ensureElectron
 * @returns {Promise<string | undefined>} why there is no window; undefined after there was one
 */
export async function runElectron({ root, folder, place, say, missingDisplay, ensureElectron }) {
  const noDisplay = missingDisplay();
  if (noDisplay !== undefined) return noDisplay;
  const runtime = await ensureElectron(root, say);
  if ('reason' in runtime) return runtime.reason;

  const words = [root, ...(place === undefined ? [] : [place])];
  if (process.getuid?.() === 0) {
    say('Running as root: Chromium has no sandbox then. An ordinary user is safer.');
    words.unshift('--no-sandbox');
  }
  // The fourth channel carries one word: the window is shown. Until then, an early end is told with its reason.
  const child = spawn(runtime.executable, words, {
    cwd: folder,
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
  });
  let shown = false;
  child.on('message', (word) => {
    shown ||= word === 'window-shown';
    process.send?.(/** @type {string} */ (word)); // to a benchmark or a test that started us
  });
  /** @type {string[]} */
  const said = [];
  createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stderr) }).on(
    'line',
    (line) => {
      if (line.trim() !== '' && said.length < LINES_KEPT) said.push(line.replace(CHROMIUM_LOG, '').trim());
      if (!CHROMIUM_LOG.test(line)) process.stderr.write(`${line}\n`);
    },
  );
  /** @type {string | undefined} */
  let spawnError;
  child.on('error', (error) => (spawnError = error.message));
  const code = await untilExit(child).catch(() => 1);
  process.exitCode = code;
  const stopped = code === 129 || code === 130 || code === 143; // SIGHUP, SIGINT, SIGTERM
  if (shown || code === 0 || stopped) return undefined;
  const reason = spawnError ?? said.find((line) => TELLING.test(line)) ?? said.at(-1) ?? `exit code ${code}`;
  return `Electron ended at once: ${reason.replace(/\.+$/, '')}`;
}
