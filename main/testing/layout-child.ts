import { withLock } from '../layout/layout-lock.ts';
import { nodeFileSystem } from '../layout/node-file-system.ts';
import { systemProcesses } from '../layout/process-identity.ts';
import { createLayout, openLayoutForWriting } from '../layout/write-layout.ts';
import { toErrorData } from '../../shared/errors/tallyman-error.ts';
import { mixedWork, type MixedOrder } from './torture/mixed-work.ts';
import { runOperations } from './torture/all-operations.ts';
import { makeImage, storeImage } from './torture/store-image.ts';

/** What a child process of the store's tests does; its first argument, as JSON. Every step is confirmed by a line on stdout. */
export type ChildOrder =
  /** Takes a lock and keeps it until it is told otherwise by a line on stdin, or killed. */
  | { readonly what: 'hold'; readonly lock: string }
  | MixedOrder
  /** Gives one manifest name after name, and says how long each took: `NAME DIGEST MILLISECONDS`. */
  | { readonly what: 'tag'; readonly layout: string; readonly prefix: string; readonly count: number }
  /** Collects garbage without grace again and again, until it is told otherwise or killed. */
  | { readonly what: 'collect'; readonly layout: string }
  /** Waits for a line, then runs every operation once: lines `begun NAME MEANING` and `confirmed …`, at last `ended` or `failed CODE`. */
  | { readonly what: 'operations'; readonly layout: string };

const { signal } = new AbortController();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Waits for a line on stdin. */
function told(): Promise<unknown> {
  return new Promise((resolve) => process.stdin.once('data', resolve));
}

async function hold({ lock }: Extract<ChildOrder, { what: 'hold' }>): Promise<void> {
  const options = { fileSystem: nodeFileSystem, processes: systemProcesses, signal };
  await withLock(lock, options, async () => {
    say('held');
    await told();
  });
  say('released');
}

async function tag({ layout, prefix, count }: Extract<ChildOrder, { what: 'tag' }>): Promise<void> {
  const writer = await createLayout(layout);
  const image = makeImage(Buffer.from(`content of ${prefix}`));
  await storeImage(writer, image, undefined, signal);
  for (let number = 0; number < count; number += 1) {
    const began = performance.now();
    await writer.tag(`${prefix}-${number}`, image.manifest.digest, { signal });
    say(`${prefix}-${number} ${image.manifest.digest} ${(performance.now() - began).toFixed(1)}`);
  }
  await writer.close();
}

async function collect({ layout }: Extract<ChildOrder, { what: 'collect' }>): Promise<void> {
  const writer = await createLayout(layout);
  let stopped = false;
  void told().then(() => (stopped = true));
  while (!stopped) {
    const { garbage } = await writer.collectGarbage({ signal, grace: -1 });
    say(`collected ${garbage.length}`);
  }
  await writer.close();
}

async function operations({ layout }: Extract<ChildOrder, { what: 'operations' }>): Promise<void> {
  // Starts the threads that do the file system's work, so that a tracer finds them.
  await nodeFileSystem.look(layout);
  say('ready');
  await told();
  try {
    await runOperations(
      () => openLayoutForWriting(layout),
      (event, name, meaning) => say(`${event} ${name} ${meaning ?? 'nothing'}`),
    );
    say('ended');
  } catch (error) {
    say(`failed ${toErrorData(error).code}`);
  }
}

const order = JSON.parse(process.argv[2] ?? '') as ChildOrder;
switch (order.what) {
  case 'hold':
    await hold(order);
    break;
  case 'mix':
    await mixedWork(order, (line) => say(JSON.stringify(line)));
    break;
  case 'tag':
    await tag(order);
    break;
  case 'collect':
    await collect(order);
    break;
  case 'operations':
    await operations(order);
}
process.exit(0);
