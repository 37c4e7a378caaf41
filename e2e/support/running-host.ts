import type { ElectronApplication, Page } from '@playwright/test';

/** How a spec starts a host. */
export interface HostStart {
  /** Of the store, the sources and the profile; a fresh one for each start unless a spec starts twice on one. */
  readonly dataFolder: string;
  /** The place on the command line. */
  readonly place?: string;
  /** Beside the usual environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A host with its one page open. */
export interface RunningHost {
  readonly page: Page;
  /** The Electron shell, where it is one. */
  readonly electron?: ElectronApplication;
  /** `http://127.0.0.1:PORT` of the web host. */
  readonly origin?: string;
  close(): Promise<void>;
}

/** The environment of a host: neither the person's credentials nor their sources, and one language and time zone for all. */
export function hostEnvironment({ dataFolder, environment }: HostStart): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(inherited),
    TALLYMAN_DATA: dataFolder,
    DOCKER_CONFIG: dataFolder,
    REGISTRY_AUTH_FILE: '',
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    ...environment,
  };
}
