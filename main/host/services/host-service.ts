import os from 'node:os';
import type { HandlersOf } from '../handlers.ts';
import type { HostPorts } from '../host-ports.ts';
import type { Log } from '../log.ts';

export interface HostServiceOptions {
  readonly hostKind: 'electron' | 'web' | 'command-line';
  readonly version: string;
  readonly ports: HostPorts;
  readonly log: Log;
  /** The reference or path that was given when the program was started. */
  readonly open?: string;
}

/** What the window is told about the program around it, and what it tells the log. */
export function createHostService(options: HostServiceOptions): HandlersOf<'host.info' | 'log.write'> {
  const { hostKind, version, ports, log, open } = options;
  return {
    'host.info': () =>
      Promise.resolve({
        host: hostKind,
        version,
        operatingSystem: `${os.type()} ${os.release()} ${os.arch()}`,
        canPickFolder: ports.pickPath !== undefined,
        canPickFiles: ports.pickFiles !== undefined,
        canDragOut: ports.startDrag !== undefined,
        ...(open === undefined ? {} : { open }),
      }),
    'log.write': ({ level, message, stack }) => {
      log({ level, from: 'window', message, ...(stack === undefined ? {} : { stack }) });
      return Promise.resolve({});
    },
  };
}
