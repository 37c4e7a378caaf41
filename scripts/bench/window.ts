import { chromium, type Browser, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The window in a browser, served by a web host of its own, as `npm start -- --web` serves it. */
export interface BenchmarkWindow {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens the window on a place, in the system's Chromium, with nothing remembered from earlier. */
export async function openWindow(options: {
  readonly root: string;
  readonly work: string;
  readonly browser: string;
  /** Runs in the page before anything of it. */
  readonly before?: () => void;
}): Promise<BenchmarkWindow> {
  const data = await mkdtemp(path.join(options.work, 'data-'));
  const host = await startHost(options.root, data);
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser(options.browser);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    if (options.before !== undefined) await page.addInitScript(options.before);
    await page.goto(host.address);
    await page.getByRole('tree').first().waitFor();
    const opened = browser;
    return {
      page,
      async close() {
        await opened.close();
        await end(host.child);
      },
    };
  } catch (error) {
    await browser?.close();
    await end(host.child);
    throw error;
  }
}

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
}

/** Starts the built web host; `address` is good for one visit. */
export async function startHost(
  root: string,
  data: string,
): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(process.execPath, [path.join(root, 'dist/loopback/serve.mjs'), '--no-open'], {
    cwd: data,
    env: { ...process.env, TALLYMAN_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /(http:\/\/127\.0\.0\.1:\d+\/#t=\S+)/.exec(line)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error('The web host ended before it printed its address.');
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Opens a place as a person does: Ctrl+K, the text, Enter. */
export async function openPlace(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill(text);
  await page.keyboard.press('Enter');
}
