import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dataFolder } from '../data-folder.ts';
import { createDispatcher } from '../dispatch.ts';
import { readAssetMap } from '../page/asset-map.ts';
import { createLogFile } from '../page/log-file.ts';
import { openingPlace } from '../page/opening-place.ts';
import { programVersion } from '../program-version.ts';
import { createServices } from '../services.ts';
import { startLoopbackHost } from './loopback-host.ts';
import type { LoopbackHost } from './loopback-host.ts';
import { openBrowser } from './open-browser.ts';

// The loopback host as a program, `dist/loopback/serve.mjs` when bundled:
//
//   serve.mjs [--port N] [--no-open] [PLACE]
//
// Prints one line on stdout, "Tallyman is at http://127.0.0.1:PORT/#t=…", and serves until it is stopped.

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const fail = (line: string, code: number): never => {
  say(line);
  process.exit(code);
};

function readWords(): { readonly port: number; readonly open: boolean; readonly place: string | undefined } {
  const { values, positionals } = parseArgs({
    options: { port: { type: 'string', default: '0' }, 'no-open': { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
    throw new Error('--port needs a number up to 65535.');
  return {
    port: Number(values.port),
    open: !values['no-open'],
    place: openingPlace(positionals, process.cwd()),
  };
}

async function serve(): Promise<void> {
  const { port, open, place } = readWords();
  const folder = dataFolder(process.env);
  const dist = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  const services = createServices({
    hostKind: 'web',
    version: programVersion(),
    dataFolder: folder,
    environment: process.env,
    ports: {},
    log: createLogFile(path.join(folder, 'log')),
    ...(place === undefined ? {} : { open: place }),
  });

  const stop = async (): Promise<never> => {
    await host.close();
    await services.close();
    process.exit(0);
  };
  const host: LoopbackHost = await startLoopbackHost({
    port,
    assets: await readAssetMap(dist),
    dispatcher: createDispatcher(services),
    answerSave: services.answerSave,
    receiveDrop: services.receiveDrop,
    onEnd: (reason) => {
      say(
        reason === 'idle'
          ? 'Nobody used Tallyman for a long time: stopped.'
          : 'Somebody was guessing the secret of this address: stopped. Start Tallyman again.',
      );
      void stop();
    },
  });
  process.once('SIGINT', () => void stop()).once('SIGTERM', () => void stop());

  const address = host.launchAddress();
  process.stdout.write(`Tallyman is at ${address}\n`);
  if (open) await openBrowser(address);
  if (process.stdin.isTTY) {
    say('The address is good once, and for a minute. Enter prints a new one, Ctrl-C ends Tallyman.');
    createInterface({ input: process.stdin }).on('line', () =>
      process.stdout.write(`Tallyman is at ${host.launchAddress()}\n`),
    );
  }
}

try {
  await serve();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    fail('That port is taken. Choose another one, or leave --port out for any free one.', 1);
  fail(`The web host could not start: ${message}`, code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1);
}
