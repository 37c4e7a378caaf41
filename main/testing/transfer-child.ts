import { hasEnded } from '../../shared/contract/transfer-words.ts';
import type { TransferRequest } from '../../shared/contract/transfer-request.ts';
import type { TransferJob } from '../../shared/contract/transfers.ts';
import { startHost } from './host-client.ts';

/** What a child process with services of its own does; its first argument, as JSON. It says what it does by lines on stdout. */
export interface TransferOrder {
  /** Of the services; the data folder is below it. */
  readonly folder: string;
  /** `HOST:PORT`, plain HTTP. */
  readonly registry: string;
  /** Where pulls go. */
  readonly pulled: string;
  /** Starts this one, with the paths in place of tokens; else goes on with what was interrupted. */
  readonly request?: Extract<TransferRequest, { readonly kind: 'push' | 'pull' }>;
}

const order = JSON.parse(process.argv[2] ?? '') as TransferOrder;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const host = await startHost({
  folder: order.folder,
  ports: { pickFiles: () => Promise.resolve([order.pulled]) },
});

// Nothing else keeps a process alive whose job has just ended.
const alive = setInterval(() => undefined, 1_000);

function tell({ id, state, bytes, error }: TransferJob): void {
  say(`${id} ${state} ${bytes.done}${error === undefined ? '' : ` ${error.message}`}`);
}

const ended = new Promise<void>((resolve) => {
  host.on('transfers.changed', ({ changed }) => {
    for (const { job } of changed) {
      tell(job);
      if (hasEnded(job.state)) resolve();
    }
  });
});

if (order.request === undefined) {
  const { jobs } = await host.call('transfers.list', {});
  for (const job of jobs) tell(job);
  const unfinished = jobs.filter(({ state }) => state === 'interrupted').map(({ id }) => id);
  await host.call('transfers.resume', { ids: unfinished });
} else {
  await host.call('sources.add', { kind: 'registry', location: order.registry, plainHttp: true });
  await host.call('transfers.start', { request: await withTokens(order.request) });
}
await ended;
clearInterval(alive);
await host.stop();

async function withTokens(request: NonNullable<TransferOrder['request']>): Promise<TransferRequest> {
  if (request.kind === 'pull') {
    const { files } = await host.call('files.pick', { what: 'save-folder' });
    return { ...request, folder: files[0]!.token };
  }
  const granted = await host.services.grantFiles(request.files.map(({ file }) => file));
  return { ...request, files: granted.map(({ token }) => ({ file: token })) };
}
