import { app, Menu, protocol } from 'electron';
import path from 'node:path';
import { openingPlace } from '../main/host/page/opening-place.ts';
import { PAGE_SCHEME } from './page-address.ts';

// The first lines of the program: what must happen before Electron is ready, and as little else as possible.

performance.mark('main');

// Without `corsEnabled`, other origins could read answers of the scheme (CVE-2026-70604).
protocol.registerSchemesAsPrivileged([
  {
    scheme: PAGE_SCHEME,
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, codeCache: true },
  },
]);
// As root there is no sandbox to enable: asking for one ends in a loop of crashes. `webPreferences` ask for it either way.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
// The default menu would be built and thrown away.
Menu.setApplicationMenu(null);

// A data folder of its own (tests, a second store) is a program of its own: it neither shares a profile nor the one-instance lock.
const dataFolder = process.env['TALLYMAN_DATA'];
if (dataFolder !== undefined && dataFolder !== '')
  app.setPath('userData', path.resolve(dataFolder, 'electron'));

const open = openingPlace(wordsOfTheProgram(), process.cwd());
if (app.requestSingleInstanceLock(open === undefined ? {} : { open })) {
  const { runApplication } = await import('./application.ts');
  runApplication(open);
} else {
  app.quit(); // the first instance opens the place
}

/** The words behind the program's own: Electron, its switches, and, unless it is packaged, the folder that it runs. */
function wordsOfTheProgram(): readonly string[] {
  const words = process.argv.slice(1);
  if (app.isPackaged) return words;
  const folder = words.findIndex((word) => path.resolve(word) === app.getAppPath());
  return words.slice(folder + 1);
}
