import { digestOf } from '../content/digest-of.ts';
import { withLock } from '../layout/layout-lock.ts';
import { nodeFileSystem } from '../layout/node-file-system.ts';
import { systemProcesses } from '../layout/process-identity.ts';
import { createLayout } from '../layout/write-layout.ts';

/** What a child process of the store's tests does; its first argument, as JSON. Every step is confirmed by a line on stdout. */
export type ChildOrder =
  /** Stores one manifest after the other, each under a name of its own. */
  | { readonly what: 'put'; readonly layout: string; readonly prefix: string; readonly count: number }
  /** Takes a lock and keeps it until it is told otherwise by a line on stdin, or killed. */
  | { readonly what: 'hold'; readonly lock: string };

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

async function put({ layout, prefix, count }: Extract<ChildOrder, { what: 'put' }>): Promise<void> {
  const { signal } = new AbortController();
  const writer = await createLayout(layout);
  for (let number = 0; number < count; number += 1) {
    const name = `${prefix}-${number}`;
    const layer = Buffer.from(`content of ${name}`.repeat(1 + (number % 40) * 50));
    const descriptor = { mediaType: 'text/plain', digest: digestOf(layer), size: layer.byteLength };
    await writer.ingest(descriptor, layer, { signal });
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: descriptor, layers: [descriptor] }),
    );
    await writer.putManifests([{ bytes, mediaType: MANIFEST, name }], { signal });
    process.stdout.write(`${name} ${digestOf(bytes)}\n`);
  }
  await writer.close();
}

async function hold({ lock }: Extract<ChildOrder, { what: 'hold' }>): Promise<void> {
  const options = {
    fileSystem: nodeFileSystem,
    processes: systemProcesses,
    signal: new AbortController().signal,
  };
  await withLock(lock, options, async () => {
    process.stdout.write('held\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
  });
  process.stdout.write('released\n');
  process.exit(0);
}

const order = JSON.parse(process.argv[2] ?? '') as ChildOrder;
await (order.what === 'put' ? put(order) : hold(order));
