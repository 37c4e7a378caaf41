import type { Browser } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { hostEnvironment } from './running-host.ts';
import type { HostStart, RunningHost } from './running-host.ts';
import { root } from './surroundings.ts';

/** A web host as a process, not yet visited. */
export interface WebHostProcess {
  /** The address that it printed; its secret is good once. */
  readonly launchAddress: string;
  /** Everything that it printed so far. */
  output(): string;
  close(): Promise<void>;
}

/** Starts the web host as `npm start -- --web` does, and waits for its line. */
export async function startWebHostProcess(start: HostStart): Promise<WebHostProcess> {
  const words = ['--no-open', ...(start.place === undefined ? [] : [start.place])];
  const child = spawn(process.execPath, [path.join(root, 'dist', 'loopback', 'serve.mjs'), ...words], {
    cwd: start.dataFolder,
    env: hostEnvironment(start),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A worker of Playwright that is stopped takes its hosts along.
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  child.once('exit', () => process.off('exit', stop));
  let output = '';
  const collect = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const launchAddress = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Tallyman is at (http:\/\/127\.0\.0\.1:\d+\/#t=\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', (code) =>
      reject(new Error(`The web host ended with ${code} before it printed its address: ${output}`)),
    );
  });
  return {
    launchAddress,
    output: () => output,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Starts the web host and opens its address in a browser context of its own. */
export async function startWeb(browser: Browser, start: HostStart): Promise<RunningHost> {
  const host = await startWebHostProcess(start);
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.goto(host.launchAddress);
  return {
    page,
    origin: new URL(host.launchAddress).origin,
    async close() {
      await context.close();
      await host.close();
    },
  };
}
