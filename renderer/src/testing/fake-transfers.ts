import { applyTransferChanges } from '../../../shared/contract/apply-transfer-changes.ts';
import type { ProcedureInput, ProcedureName, ProcedureOutput } from '../../../shared/contract/contract.ts';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import type { TransferRequest } from '../../../shared/contract/transfer-request.ts';
import { hasEnded, type TransferState } from '../../../shared/contract/transfer-words.ts';
import type { TransferItem, TransferJob, TransfersChanged } from '../../../shared/contract/transfers.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { fakeDigest } from './fake-digest.ts';

type TransferProcedure = Extract<ProcedureName, `transfers.${string}` | `files.${string}` | `tags.${string}`>;

type TransferHandlers = {
  readonly [Name in TransferProcedure]: (call: {
    readonly input: ProcedureInput<Name>;
  }) => Promise<ProcedureOutput<Name>>;
};

const MEGABYTE = 1_000_000;

/** An invented queue: a job runs until it is paused, cancelled or cleared, and is at 61 % all the time. */
export function fakeTransferHandlers(changed: (changes: TransfersChanged) => void): TransferHandlers {
  let jobs: TransferJob[] = [];
  let count = 0;

  const tell = (changes: Partial<TransfersChanged>): void => {
    const whole = { changed: [], removed: [], ...changes };
    jobs = applyTransferChanges(jobs, whole);
    changed(whole);
  };
  const enter = (ids: readonly string[], from: readonly TransferState[], state: TransferState): void => {
    const moved = jobs.filter((job) => ids.includes(job.id) && from.includes(job.state));
    tell({
      changed: moved.map((job) => ({
        job: { ...job, state, ...(hasEnded(state) ? { ended: job.created + 60_000 } : {}) },
        items: [],
      })),
    });
  };
  const granted = (name: string, kind: GrantedFile['kind']): GrantedFile => ({
    token: `token of ${name}`,
    name,
    kind,
    location: `/home/me/${name}`,
    size: 3.2 * MEGABYTE,
  });

  return {
    'files.pick': ({ input: { what, suggestedName = 'release.tar' } }) =>
      Promise.resolve({
        files: what.endsWith('folder')
          ? [granted('release', 'folder')]
          : [granted(what === 'files' ? 'sbom.spdx.json' : suggestedName, 'file')],
      }),
    'files.typeDestination': ({ input: { path, what } }) =>
      path.startsWith('/')
        ? Promise.resolve({ file: granted(path.slice(1), what === 'folder' ? 'folder' : 'file') })
        : Promise.reject(
            new TallymanError({ code: 'INVALID_INPUT', message: `${path} is not a whole path.` }),
          ),
    'files.drop': () => Promise.resolve({ drop: 'drop', address: '/drop/drop/' }),
    'files.dropped': () =>
      Promise.resolve({ received: 1, total: 1, files: [granted('sbom.spdx.json', 'file')] }),
    'files.forgetDrop': () => Promise.resolve({}),

    'transfers.propose': ({ input: { files } }) =>
      Promise.resolve({
        files: files.map((file) => ({
          file,
          name: 'sbom.spdx.json',
          folder: false,
          size: 3.2 * MEGABYTE,
          kind: 'sbom-spdx' as const,
          action: 'push' as const,
          form: 'files' as const,
          title: 'sbom.spdx.json',
          mediaType: 'application/spdx+json',
          artifactType: 'application/spdx+json',
        })),
      }),
    'transfers.plan': ({ input: { request } }) =>
      Promise.resolve({
        from: '/home/me',
        to: 'localhost:5000/team/app',
        items: fakeItems(),
        itemCount: 3,
        manifestCount: 1,
        bytes: 61 * MEGABYTE,
        bytesPresent: 12 * MEGABYTE,
        ...(request.kind === 'push' || request.kind === 'attach'
          ? {
              manifest: {
                mediaType: 'application/vnd.oci.image.manifest.v1+json',
                digest: fakeDigest('planned'),
                size: 512,
                text: '{"schemaVersion":2}',
              },
            }
          : {}),
        ...(request.kind === 'delete'
          ? {
              removal: {
                digest: fakeDigest('planned'),
                tags: ['1.4.0', 'latest'],
                referrers: [
                  { digest: fakeDigest('sbom'), kind: 'sbom-spdx' as const, title: 'SBOM · SPDX', tags: [] },
                ],
                indexes: [],
                canUntag: true,
              },
            }
          : {}),
        notes: [],
        command: 'oras push localhost:5000/team/app:1.4.0',
      }),
    'transfers.start': ({ input: { request } }) => {
      count += 1;
      const job = fakeJob(`job-${count}`, request.kind);
      tell({ changed: [{ job, items: fakeItems() }] });
      return Promise.resolve({ job });
    },
    'transfers.list': () => Promise.resolve({ jobs }),
    'transfers.items': () => Promise.resolve({ items: fakeItems() }),
    'transfers.pause': ({ input: { ids } }) => {
      enter(ids, ['planning', 'waiting', 'running'], 'paused');
      return Promise.resolve({});
    },
    'transfers.resume': ({ input: { ids } }) => {
      enter(ids, ['paused', 'interrupted'], 'running');
      return Promise.resolve({});
    },
    'transfers.cancel': ({ input: { ids } }) => {
      enter(ids, ['planning', 'waiting', 'running', 'paused', 'interrupted'], 'cancelled');
      return Promise.resolve({});
    },
    'transfers.retry': ({ input: { ids } }) => {
      enter(ids, ['failed', 'cancelled'], 'running');
      return Promise.resolve({});
    },
    'transfers.clear': ({ input: { ids } }) => {
      const gone = jobs.filter(({ id, state }) => hasEnded(state) && (ids?.includes(id) ?? true));
      tell({ removed: gone.map(({ id }) => id) });
      return Promise.resolve({});
    },

    'tags.set': ({ input: { tag } }) =>
      Promise.resolve({ digest: fakeDigest(tag), before: fakeDigest(`${tag} before`) }),
    'tags.remove': ({ input: { tag } }) => Promise.resolve({ digest: fakeDigest(tag) }),
  };
}

function fakeJob(id: string, kind: TransferRequest['kind']): TransferJob {
  return {
    id,
    kind,
    title: `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)} team/app:1.4.0`,
    from: '/home/me',
    to: 'localhost:5000/team/app:1.4.0',
    place: {
      target: { source: 'registry:localhost:5000', repository: 'team/app' },
      reference: '1.4.0',
    },
    state: 'running',
    bytes: { done: 61 * MEGABYTE, total: 100 * MEGABYTE },
    items: { done: 1, total: 3 },
    rate: 84 * MEGABYTE,
    secondsLeft: 1,
    created: Date.UTC(2026, 10, 29, 12),
    command: 'oras push localhost:5000/team/app:1.4.0 sbom.spdx.json:application/spdx+json',
  };
}

function fakeItems(): TransferItem[] {
  const item = (name: string, state: TransferItem['state'], done: number, size: number): TransferItem => ({
    id: fakeDigest(name),
    name,
    digest: fakeDigest(name),
    state,
    done: done * MEGABYTE,
    size: size * MEGABYTE,
  });
  return [
    item('rootfs.tar.gz', 'running', 49, 84),
    item('sbom.spdx.json', 'present', 12, 12),
    item('config', 'waiting', 0, 4),
  ];
}
