import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient, type CallOptions, type Client } from '../../shared/contract/client.ts';
import type {
  ProcedureInput,
  ProcedureName,
  ProcedureOutput,
  ProcedureStep,
} from '../../shared/contract/contract.ts';
import { createDispatcher } from '../host/dispatch.ts';
import { connectInProcess } from '../host/in-process-transport.ts';
import type { LogLine } from '../host/log.ts';
import { createServices, type Services, type ServicesOptions } from '../host/services.ts';

/** The services of one test and a client of them, through the transport that the command line uses. */
export interface HostClient extends Client {
  readonly services: Services;
  /** Folder of this test: `home`, `data` and `work` below it. */
  readonly folder: string;
  readonly dataFolder: string;
  readonly log: readonly LogLine[];
  /** A call with all its steps. */
  collect<Name extends ProcedureName>(
    name: Name,
    input: ProcedureInput<Name>,
    options?: Pick<CallOptions<Name>, 'signal'>,
  ): Promise<{ readonly output: ProcedureOutput<Name>; readonly steps: readonly ProcedureStep<Name>[] }>;
  /** Ends the services; the folder stays, for a second start on it. */
  stop(): Promise<void>;
  /** Ends the services and removes the folder. */
  close(): Promise<void>;
}

/** Starts services on a folder of their own, with a home folder without anybody's credentials. */
export async function startHost(
  options: Partial<ServicesOptions> & { readonly folder?: string } = {},
): Promise<HostClient> {
  const { folder = await mkdtemp(path.join(tmpdir(), 'tallyman-host-')), ...rest } = options;
  const dataFolder = path.join(folder, 'data');
  const log: LogLine[] = [];
  const services = createServices({
    hostKind: 'web',
    version: '0.0.0-test',
    dataFolder,
    homeFolder: path.join(folder, 'home'),
    workingDirectory: folder,
    environment: {},
    ports: {},
    log: (line) => log.push(line),
    ...rest,
  });
  const transport = connectInProcess(createDispatcher(services));
  const client = createClient(transport);
  const stop = async (): Promise<void> => {
    transport.close();
    await services.close();
  };
  return {
    ...client,
    services,
    folder,
    dataFolder,
    log,
    async collect(name, input, callOptions = {}) {
      const steps: ProcedureStep<typeof name>[] = [];
      const output = await client.call(name, input, { ...callOptions, onStep: (step) => steps.push(step) });
      return { output, steps };
    },
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
