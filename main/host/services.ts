import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { GrantedFile } from '../../shared/contract/files.ts';
import { createDockerConfigCredentials } from '../credentials/docker-config.ts';
import { createSessionCredentials } from '../credentials/session-credentials.ts';
import { createAccountsService } from './services/accounts-service.ts';
import { createBroadcaster, type Broadcaster } from './broadcaster.ts';
import { createCatalogWatch } from './sources/catalog-watch.ts';
import { createCompanionTags } from './reading/companion-tags.ts';
import { createContentService } from './services/content-service.ts';
import type { DispatchedServices } from './dispatch.ts';
import type { DropSpool } from './files/drop-spool.ts';
import { createFileGrants } from './files/file-grants.ts';
import { grantPaths } from './files/grant-paths.ts';
import { createFilesService } from './services/files-service.ts';
import { createGraphService } from './services/graph-service.ts';
import { createHostService } from './services/host-service.ts';
import type { HostPorts } from './host-ports.ts';
import type { Log } from './log.ts';
import { createManifestCache } from './reading/manifest-cache.ts';
import { createOpenTargets } from './sources/open-targets.ts';
import { createPlaceResolver } from './sources/place-resolver.ts';
import { createRepositoriesService } from './services/repositories-service.ts';
import { createDragFolder } from './files/drag-folder.ts';
import { createDragService } from './services/drag-service.ts';
import { createServedLayouts } from './sources/served-layouts.ts';
import { createServingService } from './services/serving-service.ts';
import { createStoreService } from './services/store-service.ts';
import { toErrorData } from '../../shared/errors/tallyman-error.ts';
import { createSampleService } from './services/sample-service.ts';
import { createSaveRoute } from './save-route.ts';
import { createSourceList } from './sources/source-list.ts';
import { createSourcesService } from './services/sources-service.ts';
import { createTagsService } from './services/tags-service.ts';
import { createTransfersService } from './services/transfers-service.ts';
import { createJobRunner } from './transfers/job-runners.ts';
import { createTransferRoom } from './transfers/transfer-room.ts';
import { createWarnOnce } from './warn-once.ts';

export interface ServicesOptions {
  readonly hostKind: 'electron' | 'web' | 'command-line';
  readonly version: string;
  /** Folder of the local store and the list of sources; created when something is first kept in it. See `dataFolder`. */
  readonly dataFolder: string;
  /** Where Docker's config, proxies and `TALLYMAN_…` settings are read from: `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ports: HostPorts;
  /** What `~` means, and where Docker's config lies; the person's home folder when absent. */
  readonly homeFolder?: string;
  /** Where relative paths begin; the process's folder when absent. */
  readonly workingDirectory?: string;
  /** False: sources last for this run only, and the data folder is not looked at for them. */
  readonly rememberSources?: boolean;
  /** A place to open first: the reference or path given at the start. */
  readonly open?: string;
  /** Nowhere when absent. */
  readonly log?: Log;
  /** Further certificate authorities, PEM; tests bring their own. */
  readonly certificateAuthorities?: readonly string[];
  /** The clock in milliseconds; tests bring their own. */
  readonly now?: () => number;
}

/** Everything that Tallyman does, behind one door: see `createDispatcher`. The same in every host. */
export interface Services extends DispatchedServices {
  /** For hosts: `place.open` and `command.run`. */
  readonly broadcast: Broadcaster['send'];
  /** Answers a GET of an address that `content.saveAddress` gave. */
  readonly answerSave: (path: string) => Promise<Response>;
  /** Takes one piece of what was dropped on a page, see `DropSpool.receive`. */
  readonly receiveDrop: DropSpool['receive'];
  /** For hosts: tokens for files that a person dropped on the window, by their paths. */
  readonly grantFiles: (paths: readonly string[]) => Promise<readonly GrantedFile[]>;
  /** Ends what runs, closes connections and files. Nothing may be asked afterwards. */
  close(): Promise<void>;
}

/** Composes the services of one program. */
export function createServices(options: ServicesOptions): Services {
  const { dataFolder, environment, ports, version, hostKind } = options;
  const log = options.log ?? (() => undefined);
  const now = options.now ?? Date.now;
  const homeFolder = options.homeFolder ?? homedir();
  const workingDirectory = options.workingDirectory ?? process.cwd();
  const rememberSources = options.rememberSources ?? true;
  const storePath = path.join(dataFolder, 'store');

  const broadcaster = createBroadcaster();
  const warn = createWarnOnce((source, text) => broadcaster.send('registry.warning', { source, text }));
  const session = createSessionCredentials(createDockerConfigCredentials({ environment, homeFolder }));
  const sources = createSourceList({
    storePath,
    ...(rememberSources ? { file: path.join(dataFolder, 'sources.json') } : {}),
    onChange: (list) => broadcaster.send('sources.changed', { sources: list }),
    onWarning: (text) => {
      log({ level: 'warning', from: 'sources', message: text });
      warn('local', text);
    },
  });
  const targets = createOpenTargets({
    sources,
    credentials: session,
    storePath,
    userAgent: `tallyman/${version}`,
    onWarning: warn,
    // Every view and its equal command line say so, whatever was asked first.
    onFirstAnswer: (source, connection) => void sources.learn(source, connection),
    ...(options.certificateAuthorities === undefined
      ? {}
      : { certificateAuthorities: options.certificateAuthorities }),
  });
  const catalogs = createCatalogWatch({ sources, targets, active: rememberSources });
  const places = createPlaceResolver({
    sources,
    targets,
    storePath,
    workingDirectory,
    homeFolder,
    onTypedRepository: catalogs.typed,
  });
  const served = createServedLayouts({
    sources,
    onChange: (list) => broadcaster.send('serving.changed', { served: [...list] }),
    onFault: (error) => log({ level: 'warning', from: 'serving', message: toErrorData(error).message }),
  });
  const manifests = createManifestCache();
  const companionTags = createCompanionTags(now);
  const saveRoute = createSaveRoute(now);
  const grants = createFileGrants();
  const dragged = createDragFolder();
  const runner = createJobRunner(targets);
  const room = createTransferRoom({
    dataFolder,
    runner,
    grants,
    onChange: (changes) => broadcaster.send('transfers.changed', changes),
    onWarning: (text) => {
      log({ level: 'warning', from: 'transfers', message: text });
      warn('local', text);
    },
    now,
  });
  // Where the program was started is a place that the person chose, unless that is everywhere.
  const furtherRoots = [
    tmpdir(),
    ...(path.dirname(workingDirectory) === workingDirectory ? [] : [workingDirectory]),
  ];

  return {
    handlers: {
      ...createHostService({
        hostKind,
        version,
        ports,
        log,
        ...(options.open === undefined ? {} : { open: options.open }),
      }),
      ...createSourcesService({ sources, targets, served, places, credentials: session, ports }),
      ...createAccountsService({ sources, targets, session, credentials: session }),
      ...createRepositoriesService({ targets, manifests, companionTags, catalogs, now }),
      ...createGraphService({ targets, manifests }),
      ...createContentService({ targets, manifests, saveRoute }),
      ...createDragService({ targets, dragged, ports }),
      ...createSampleService({ targets }),
      ...createStoreService({ sources, targets }),
      ...createServingService({ served }),
      ...createFilesService({ ports, grants, room, homeFolder, furtherRoots }),
      ...createTransfersService({ sources, grants, runner, room, now }),
      ...createTagsService({ targets }),
    },
    log,
    onBroadcast: broadcaster.onBroadcast,
    broadcast: broadcaster.send,
    answerSave: saveRoute.answerSave,
    receiveDrop: (place, piece) => room.spool.receive(place, piece),
    grantFiles: (paths) => grantPaths(grants, paths),
    async close() {
      catalogs.close();
      saveRoute.close();
      await dragged.close();
      await room.close();
      await served.close();
      await targets.close();
    },
  };
}
