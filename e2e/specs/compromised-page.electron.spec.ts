import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contract } from '../../shared/contract/contract.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { writeOneLayerLayout } from '../support/one-layer-layout.ts';
import { expect, test } from '../support/test.ts';
import { watchDrags } from '../support/watch-drags.ts';

// Check 25 of the reliability bar: a page that somebody else controls reaches what the contract offers, and nothing beyond.

/** What a hostile page would try as an input, whatever the schema says. */
const INPUTS: readonly unknown[] = [
  null,
  0,
  '',
  [],
  {},
  { source: '../../etc/passwd' },
  { source: 'layout:/etc/passwd' },
  { source: 'registry:169.254.169.254', repository: '../..' },
  { kind: 'layout', location: '/etc/passwd' },
  { target: { source: 'layout:/proc/self/environ' } },
  {
    target: { source: 'local', repository: '..' },
    digest: '../../../etc/passwd',
    mediaType: 'x',
    size: 1,
    manifest: false,
  },
  {
    target: { source: 'local' },
    digest: `sha256:${'0'.repeat(64)}`,
    mediaType: 'x',
    size: 1,
    manifest: true,
    fileName: '../../.bashrc',
  },
  { drag: '../../etc/passwd' },
  { drag: '/etc/passwd' },
  { text: 'file:///etc/passwd' },
  { text: '/etc/passwd' },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  { level: 'error', message: 'x'.repeat(9000) },
  { what: 'folder; rm -rf /' },
  'x'.repeat(100_000),
];

test('the page has the one bridge, frozen, and nothing of Node or Electron', async ({ app }) => {
  const found = await app.page.evaluate(() => {
    const bridge = window as unknown as { tallyman: Record<string, unknown> };
    const before = bridge.tallyman['send'];
    try {
      bridge.tallyman['send'] = () => undefined;
      bridge.tallyman['extra'] = 1;
      (bridge as { tallyman: unknown }).tallyman = {};
    } catch {
      // frozen: as it should be
    }
    return {
      members: Object.keys(bridge.tallyman).sort(),
      same: bridge.tallyman['send'] === before,
      node: [
        'require',
        'process',
        'module',
        'Buffer',
        'global',
        'electron',
        'ipcRenderer',
        '__dirname',
      ].filter((name) => name in window),
    };
  });
  expect(found).toEqual({ members: ['grantFiles', 'onMessage', 'send'], same: true, node: [] });
});

test('the page gets no token for a file that nobody dropped, whatever it makes up', async ({ app }) => {
  const answers = await app.page.evaluate(async () => {
    const { tallyman } = window as unknown as {
      tallyman: { grantFiles(files: unknown): Promise<readonly unknown[]> };
    };
    const inventions: readonly unknown[] = [
      [new File(['x'], 'passwd')],
      [new File(['x'], '/etc/passwd')],
      [{ path: '/etc/passwd', name: 'passwd', size: 1 }],
      [Object.assign(new File(['x'], 'passwd'), { path: '/etc/passwd' })],
      ['/etc/passwd'],
      '/etc/passwd',
      { 0: '/etc/passwd', length: 1 },
      null,
    ];
    const outcomes: string[] = [];
    for (const invention of inventions) {
      try {
        outcomes.push(JSON.stringify(await tallyman.grantFiles(invention)));
      } catch {
        outcomes.push('refused');
      }
    }
    return outcomes;
  });
  for (const answer of answers) expect(['[]', 'refused']).toContain(answer);
});

test('every procedure and every message, with hostile input, answers an error of the closed set or what the contract allows', async ({
  app,
}) => {
  const dataBefore = await readdir(app.dataFolder);
  const procedures = [
    ...Object.keys(contract),
    'constructor',
    '__proto__',
    'toString',
    'shell.openPath',
    'fs.readFile',
  ];
  const answers = await app.page.evaluate(
    async ({ names, inputs }) => {
      const { tallyman } = window as unknown as {
        tallyman: {
          send(message: unknown): void;
          onMessage(
            listener: (message: {
              id: number;
              type: string;
              error?: { code: string; message: string };
            }) => void,
          ): void;
        };
      };
      const waiting = new Map<number, (answer: string) => void>();
      const texts: string[] = [];
      tallyman.onMessage((message) => {
        texts.push(JSON.stringify(message));
        if (message.type !== 'step') waiting.get(message.id)?.(message.error?.code ?? 'answered');
      });
      const codes = new Set<string>();
      let id = 1_000_000;
      const ask = (name: string, input: unknown): Promise<string> => {
        const mine = id++;
        const answer = new Promise<string>((resolve) => waiting.set(mine, resolve));
        tallyman.send({ type: 'call', id: mine, name, input });
        const late = new Promise<string>((resolve) =>
          setTimeout(() => {
            tallyman.send({ type: 'cancel', id: mine });
            resolve('cancelled');
          }, 3000),
        );
        return Promise.race([answer, late]);
      };
      // Native dialogs would wait for a person.
      const asked = names.filter((name) => name !== 'sources.pick' && name !== 'files.pick');
      for (let start = 0; start < asked.length; start += 8) {
        const some = asked.slice(start, start + 8);
        const outcomes = some.flatMap((name) => inputs.map((input) => ask(name, input)));
        for (const code of await Promise.all(outcomes)) codes.add(code);
      }
      for (const garbage of [
        undefined,
        null,
        1,
        'x',
        [],
        {},
        { type: 'call' },
        { type: 'call', id: '1', name: 'host.info' },
        { type: 'broadcast', name: 'place.open', payload: { text: 'x' } },
      ]) {
        try {
          tallyman.send(garbage);
        } catch {
          // not even sent
        }
      }
      const after = await ask('host.info', {});
      return { codes: [...codes], texts: texts.join('\n'), after };
    },
    { names: procedures, inputs: INPUTS },
  );
  expect(answers.after).toBe('answered');
  expect(answers.codes).not.toContain('INTERNAL');
  expect(answers.texts).not.toContain('root:x:0:0');
  expect(answers.texts).not.toContain(process.env['PATH'] ?? 'no path');
  // Nothing was written but what Tallyman keeps.
  const kept = new Set([...dataBefore, 'log', 'sources.json', 'store', 'transfers', 'electron']);
  expect((await readdir(app.dataFolder)).filter((name) => !kept.has(name))).toEqual([]);
  expect(await readFile(path.join(app.dataFolder, '.bashrc'), 'utf8').catch(() => 'absent')).toBe('absent');
  expect(await app.electron!.evaluate(() => 'polluted' in {})).toBe(false);
  await app.page.reload();
});

test('a page drags no file out but those that Tallyman made for it, and each once', async ({
  app,
  temporaryFolder,
}) => {
  const folder = path.join(temporaryFolder, 'a layout');
  const layer = await writeOneLayerLayout(folder, 'hello', 'text/plain');
  await new TallymanWindow(app.page).open(folder);
  const dragged = await watchDrags(app.electron!);
  const { mouse } = app.page;
  const node = {
    target: { source: `layout:${folder}` },
    ...layer,
    mediaType: 'text/plain',
    manifest: false,
  };
  // A drag without a button that is held would make the program wait for its end.
  expect(await app.page.evaluate(hostileDrags, { ...node, fileName: 'x' })).toEqual(Array(6).fill('error'));
  expect(await dragged()).toEqual([]);
  for (const fileName of ['../../../../tmp/escaped', '/etc/cron.d/evil', '..', 'C:\\evil.exe']) {
    await mouse.move(300, 300);
    await mouse.down();
    // One press is one drag, and one token is one drag.
    const answers = await app.page.evaluate(hostileDrags, { ...node, fileName });
    expect(answers).toEqual(['result', ...Array<string>(5).fill('error')]);
    await mouse.up();
  }
  const paths = await dragged();
  expect(paths.map((file) => path.basename(file))).toEqual(['escaped', 'evil', 'content', 'evil.exe']);
  for (const file of paths) {
    expect(file.startsWith(path.join(tmpdir(), 'tallyman-drag-'))).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('hello');
  }
});

test('a window of another program part is not heard, even at the same address', async ({ app: tallyman }) => {
  const heard = await tallyman.electron!.evaluate(async ({ app, BrowserWindow, ipcMain, session }) => {
    // A window that the program would never open, with the same preload, address and origin: the worst case of a foreign page.
    const preload = `${app.getAppPath()}/dist/app/preload.cjs`;
    const apart = session.fromPartition('stranger');
    apart.protocol.handle(
      'app',
      () => new Response('<title>stranger</title>', { headers: { 'content-type': 'text/html' } }),
    );
    const stranger = new BrowserWindow({
      show: false,
      webPreferences: { preload, sandbox: true, session: apart },
    });
    let received = 0;
    ipcMain.on('tallyman:to-host', (event) => {
      if (event.sender.id === stranger.webContents.id) received += 1;
    });
    let answered = 0;
    const send = stranger.webContents.send.bind(stranger.webContents);
    stranger.webContents.send = (...words: Parameters<typeof send>) => {
      answered += 1;
      send(...words);
    };
    await stranger.loadURL('app://bundle/');
    await stranger.webContents.executeJavaScript(
      `window.tallyman.send({ type: 'call', id: 1, name: 'host.info', input: {} }); 1`,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    stranger.destroy();
    return { received, answered };
  });
  // It spoke, and nobody answered.
  expect(heard).toEqual({ received: 1, answered: 0 });
});

test('a frame inside the page, and a document without the page\u2019s address, have no bridge', async ({
  app,
}) => {
  app.watch.expectProblem(/^console: Refused to frame|^console: Framing/);
  const bridges = await app.page.evaluate(async () => {
    const inside = async (make: (frame: HTMLIFrameElement) => void): Promise<string> => {
      const frame = document.createElement('iframe');
      make(frame);
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const found = ((): string => {
        try {
          return frame.contentWindow !== null && 'tallyman' in frame.contentWindow ? 'bridge' : 'none';
        } catch {
          return 'none';
        }
      })();
      frame.remove();
      return found;
    };
    return [
      await inside(() => undefined), // about:blank, which has the page's own origin
      await inside((frame) => (frame.src = 'data:text/html,<title>x</title>')),
      await inside((frame) => (frame.src = '/')),
    ];
  });
  expect(bridges).toEqual(['none', 'none', 'none']);
});

/** Runs in the page: drags what it may have twice, then something else, then what it made up. @returns what each call came to. */
async function hostileDrags(node: object): Promise<readonly string[]> {
  interface Answer {
    readonly id: number;
    readonly type: string;
    readonly value?: { readonly drag?: string };
  }
  const { tallyman } = window as unknown as {
    tallyman: { send(message: unknown): void; onMessage(listener: (message: Answer) => void): void };
  };
  const waiting = new Map<number, (answer: Answer) => void>();
  tallyman.onMessage((message) => waiting.get(message.id)?.(message));
  let id = Math.floor(performance.now()) * 1000;
  const call = (name: string, input: object): Promise<Answer> =>
    new Promise((resolve) => {
      waiting.set(++id, resolve);
      tallyman.send({ type: 'call', id, name, input });
    });
  const prepare = async (): Promise<string> =>
    (await call('content.prepareDrag', node)).value?.drag ?? 'nothing';
  const [first, second] = [await prepare(), await prepare()];
  const answers: string[] = [];
  for (const drag of [first, first, second, '/etc/passwd', '../../etc/passwd', ''])
    answers.push((await call('content.startDrag', { drag, file: '/etc/passwd' })).type);
  return answers;
}
