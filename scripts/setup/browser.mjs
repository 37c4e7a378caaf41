import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { runWithPatience } from './run-with-patience.mjs';

/**
 * A Chromium that Playwright can drive. Without `executable` it is Playwright's own download.
 *
 * @typedef {{ readonly name: string, readonly executable?: string, readonly environment?: Readonly<Record<string, string>> }} Browser
 */

/** Names on PATH, and where the installers of other systems put them. */
const SYSTEM_BROWSERS = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'chrome'];
const INSTALLED_BROWSERS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** The headless Chromium that an npm package carries (linux-x64), for a machine with nothing but Node and npm. */
const CARRIED = {
  name: '@sparticuz/chromium',
  version: '147.0.0', // the newest that accepts Node 20
  integrity:
    'sha512-4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==',
};

/**
 * Finds a browser for the end-to-end specs: the system's Chrome or Chromium, else Playwright's download, else the one that an npm
 * package carries. Each is started once: a browser without its libraries is no browser.
 *
 * @param {string} root
 * @param {(line: string) => void} say gets one line for each download
 * @returns {Promise<Browser | { readonly reason: string }>}
 */
export async function ensureBrowser(root, say) {
  for (const executable of systemBrowsers()) {
    const browser = { name: executable, executable };
    if ((await whyItDoesNotStart(root, browser)) === undefined) return browser;
  }
  const reasons = ['no Chrome or Chromium is installed'];
  for (const find of [playwrightBrowser, carriedBrowser]) {
    const found = await find(root, say);
    if (!('reason' in found)) return found;
    reasons.push(found.reason);
  }
  return { reason: reasons.join('; ') };
}

function systemBrowsers() {
  const chosen = process.env['TALLYMAN_BROWSER'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const onPath = SYSTEM_BROWSERS.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...(chosen ? [chosen] : []), ...onPath, ...INSTALLED_BROWSERS].filter((file) => existsSync(file));
}

/** @type {typeof ensureBrowser} */
async function playwrightBrowser(root, say) {
  const browser = { name: "Playwright's Chromium" };
  if ((await whyItDoesNotStart(root, browser)) === undefined) return browser;
  say("Downloading Playwright's Chromium …");
  const reason = await runWithPatience(
    process.execPath,
    [path.join(root, 'node_modules', 'playwright', 'cli.js'), 'install', '--only-shell', 'chromium'],
    {
      cwd: root,
      fills: [path.join(cacheFolder(), 'ms-playwright')],
      environment: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '20000' },
    },
  );
  if (reason !== undefined) return { reason: `Playwright's Chromium could not be downloaded: ${reason}` };
  const fault = await whyItDoesNotStart(root, browser);
  return fault === undefined ? browser : { reason: `Playwright's Chromium does not start: ${fault}` };
}

/** @type {typeof ensureBrowser} */
async function carriedBrowser(root, say) {
  const { name, version, integrity } = CARRIED;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { reason: `${name} carries none for this machine` };
  const folder = path.join(cacheFolder(), 'tallyman', `chromium-${version}`);
  const unpacked = path.join(folder, 'unpacked');
  if (!existsSync(path.join(unpacked, 'chromium'))) {
    say(`Fetching ${name} …`);
    await mkdir(unpacked, { recursive: true });
    const words = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${name}@${version}`,
    ];
    const reason = await runWithPatience('npm', words, { cwd: folder, fills: [folder] });
    if (reason !== undefined) return { reason: `${name} could not be fetched: ${reason}` };
    const lock = JSON.parse(await readFile(path.join(folder, 'node_modules', '.package-lock.json'), 'utf8'));
    if (lock.packages[`node_modules/${name}`]?.integrity !== integrity)
      return { reason: `${name} ${version} is not the one that was checked` };
    const fault = await unpack(path.join(folder, 'node_modules', name), unpacked);
    if (fault !== undefined) return { reason: `${name} could not be unpacked: ${fault}` };
  }
  const fonts = existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: path.join(unpacked, 'fonts') };
  const executable = path.join(unpacked, 'chromium');
  // Its own libraries only where the system has none: others beside them would be mixed.
  const candidates = [fonts, { ...fonts, LD_LIBRARY_PATH: path.join(unpacked, 'al2023', 'lib') }];
  let fault;
  for (const environment of candidates) {
    const browser = { name, executable, environment };
    fault = await whyItDoesNotStart(root, browser);
    if (fault === undefined) return browser;
  }
  return { reason: `${name} does not start: ${fault}` };
}

/**
 * Unpacks the archives of the package by its own code, which knows one place only: the temporary folder.
 *
 * @param {string} packageFolder
 * @param {string} target
 */
function unpack(packageFolder, target) {
  return runScript(
    `const { inflate } = await import(process.argv[1] + '/build/esm/lambdafs.js');
     for (const name of ['fonts.tar.br', 'al2023.tar.br', 'chromium.br']) await inflate(process.argv[1] + '/bin/' + name);`,
    [packageFolder],
    { cwd: packageFolder, env: { ...process.env, TMPDIR: target } },
  );
}

/**
 * Starts the browser and ends it.
 *
 * @param {string} root
 * @param {Browser} browser
 * @returns {Promise<string | undefined>} why it does not start
 */
function whyItDoesNotStart(root, { executable, environment }) {
  return runScript(
    `const { chromium } = await import('playwright');
     const browser = await chromium.launch({ executablePath: process.argv[1] || undefined, timeout: 20000, args: ['--no-sandbox'] });
     await browser.close();`,
    [executable ?? ''],
    { cwd: root, env: { ...process.env, ...environment } },
  );
}

/**
 * @param {string} source of an ES module
 * @param {readonly string[]} words
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string | undefined>} the first line of its complaint
 */
async function runScript(source, words, options) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source, ...words], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const [code] = await once(child, 'close');
  if (code === 0) return undefined;
  return (complaint.split('\n').find((line) => /error/i.test(line)) ?? `exit code ${code}`)
    .trim()
    .slice(0, 200);
}

function cacheFolder() {
  return process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
}
