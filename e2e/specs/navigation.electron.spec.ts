import type { ElectronApplication, Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

// Check 26 of the reliability bar: nothing but the window's own page is ever shown, and the system is asked only for https, by the person.

/** Counts what would leave the program, and answers its question with `button`. */
async function watchSystem(
  electron: ElectronApplication,
  button: number,
): Promise<() => Promise<{ opened: string[]; questions: string[] }>> {
  await electron.evaluate(({ dialog, shell }, response) => {
    const seen = { opened: [] as string[], questions: [] as string[] };
    (globalThis as unknown as { seen: typeof seen }).seen = seen;
    shell.openExternal = (address) => {
      seen.opened.push(address);
      return Promise.resolve();
    };
    shell.openPath = (file) => {
      seen.opened.push(file);
      return Promise.resolve('');
    };
    dialog.showMessageBox = ((_window: unknown, options: { message: string }) => {
      seen.questions.push(options.message);
      return Promise.resolve({ response, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
  }, button);
  return () =>
    electron.evaluate(
      () => (globalThis as unknown as { seen: { opened: string[]; questions: string[] } }).seen,
    );
}

const FOREIGN = [
  'https://evil.example/',
  'http://127.0.0.1:1/',
  'file:///etc/passwd',
  'smb://host/share',
  '\\\\host\\share',
  '//host/share',
  'javascript:void(window.__pwn=1)',
  'data:text/html,<script>window.__pwn=1</script>',
  'blob:null/1',
  'ms-settings:',
  'ms-msdt:/id',
  'search-ms:query=x',
  'about:blank',
  'view-source:app://bundle/',
  'chrome://gpu',
  'devtools://devtools/bundled/inspector.html',
  'app://other/',
  'app://bundle/assets/',
  'app://bundle/blob/save/x',
  'app://bundle.evil.example/',
  'mailto:a@b.example',
];

/** Asks the page itself: Playwright's own waiting would wait for the navigations that do not come. */
async function isUntouched(page: Page): Promise<void> {
  const state = (): Promise<unknown> =>
    page
      .evaluate(() => ({
        address: location.href.replace(/#.*/, ''),
        shown: document.querySelector('#root > *') !== null,
        executed: '__pwn' in window,
      }))
      .catch(() => undefined);
  await page.waitForTimeout(50);
  await expect.poll(state).toEqual({ address: 'app://bundle/', shown: true, executed: false });
}

test('no link, script, refresh, form or new window leaves the page', async ({ app }) => {
  const { page } = app;
  const system = await watchSystem(app.electron!, 1);
  // Chromium says in the console what it refuses.
  app.watch.expectProblem(/^console: /);
  app.watch.expectProblem(/^uncaught: /);
  for (const address of FOREIGN) {
    await page.evaluate((target) => {
      const link = document.createElement('a');
      link.href = target;
      document.body.append(link);
      link.click();
      link.target = '_blank';
      link.click();
      link.remove();
      try {
        window.open(target);
      } catch {
        // refused at once: as good
      }
      try {
        window.location.assign(target);
      } catch {
        // refused at once: as good
      }
    }, address);
    await isUntouched(page);
    await page.evaluate((target) => {
      const refresh = document.createElement('meta');
      refresh.httpEquiv = 'refresh';
      refresh.content = `0; url=${target}`;
      document.head.append(refresh);
      const form = document.createElement('form');
      form.action = target;
      document.body.append(form);
      form.submit();
      const frame = document.createElement('iframe');
      frame.src = target;
      document.body.append(frame);
      for (const element of [refresh, form, frame]) setTimeout(() => element.remove(), 50);
    }, address);
    await isUntouched(page);
  }
  expect(
    await app.electron!.evaluate(({ BrowserWindow, webContents }) => [
      BrowserWindow.getAllWindows().length,
      webContents.getAllWebContents().length,
    ]),
  ).toEqual([1, 1]);
  const { opened, questions } = await system();
  expect(opened).toEqual([]);
  // The one https address may be offered; the person said no.
  for (const question of questions) expect(question).toBe('Open evil.example in your browser?');
});

test('an https link is opened in the browser of the system when the person agrees, and never otherwise', async ({
  app,
}) => {
  const system = await watchSystem(app.electron!, 0);
  const open = (address: string): Promise<void> =>
    app.page.evaluate((target) => void window.open(target), address);
  await open('https://docs.example/a?b=c');
  await expect.poll(async () => (await system()).opened).toEqual(['https://docs.example/a?b=c']);
  for (const address of [
    'http://docs.example/',
    'https://user:word@docs.example/',
    `https://docs.example/${'x'.repeat(3000)}`,
    'mailto:a@b.example',
  ])
    await open(address);
  await app.page.waitForTimeout(200);
  expect(await system()).toEqual({
    opened: ['https://docs.example/a?b=c'],
    questions: ['Open docs.example in your browser?'],
  });
});

test('a file dropped on the window is not shown', async ({ app }) => {
  await app.page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['<script>window.__pwn=1</script>'], 'page.html', { type: 'text/html' }));
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
      );
  });
  await isUntouched(app.page);
});

test('every permission but writing text to the clipboard is denied', async ({ app }) => {
  const asked = await app.page.evaluate(async () => {
    const outcome = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'granted',
        () => 'denied',
      );
    return {
      camera: await outcome(navigator.mediaDevices.getUserMedia({ video: true })),
      screen: await outcome(navigator.mediaDevices.getDisplayMedia()),
      place: await outcome(
        new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
      ),
      notification: await Notification.requestPermission(),
      clipboardRead: await outcome(navigator.clipboard.readText()),
      clipboardWrite: await outcome(navigator.clipboard.writeText('sha256:abc')),
    };
  });
  expect(asked).toEqual({
    camera: 'denied',
    screen: 'denied',
    place: 'denied',
    notification: 'denied',
    clipboardRead: 'denied',
    clipboardWrite: 'granted',
  });
});
