import type { Dispatcher } from '../main/host/dispatch.ts';
import { createDispatcher } from '../main/host/dispatch.ts';
import type { HostPorts } from '../main/host/host-ports.ts';
import type { Log } from '../main/host/log.ts';
import { programVersion } from '../main/host/program-version.ts';
import type { Services } from '../main/host/services.ts';
import { createServices } from '../main/host/services.ts';

export interface StartServicesOptions {
  readonly dataFolder: string;
  readonly log: Log;
  /** The native dialogs. */
  readonly ports: HostPorts;
  /** The place given on the command line. */
  readonly open: string | undefined;
}

/** The services with the ports that Electron brings. A module of its own, so that the window need not wait for all of this to be read. */
export function startServices({
  dataFolder,
  log,
  ports,
  open,
}: StartServicesOptions): Services & { readonly dispatcher: Dispatcher } {
  const services = createServices({
    hostKind: 'electron',
    version: programVersion(),
    dataFolder,
    environment: process.env,
    ports,
    log,
    ...(open === undefined ? {} : { open }),
  });
  return { ...services, dispatcher: createDispatcher(services) };
}
