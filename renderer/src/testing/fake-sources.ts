import type { Source } from '../../../shared/contract/source.ts';

/** What the invented world consists of. Hosts end in names that are reserved for examples. */
export const ACME = 'registry:registry.acme.example';
export const LOCALHOST = 'registry:localhost:5000';
export const PACKAGES = 'registry:packages.example.org';
export const OFFLINE = 'registry:offline.example';
export const RELEASE_LAYOUT = 'layout:/home/ada/release-layout';

export function fakeSources(): Source[] {
  return [
    {
      id: 'local',
      kind: 'local',
      label: 'Local store',
      location: '/home/ada/.local/share/tallyman/store',
      pinned: [],
    },
    {
      id: RELEASE_LAYOUT,
      kind: 'layout',
      label: 'release-layout',
      location: '/home/ada/release-layout',
      pinned: [],
    },
    {
      id: LOCALHOST,
      kind: 'registry',
      label: 'localhost:5000',
      location: 'localhost:5000',
      pinned: [],
      plainHttp: true,
    },
    {
      id: ACME,
      kind: 'registry',
      label: 'registry.acme.example',
      location: 'registry.acme.example',
      pinned: ['team/app'],
      plainHttp: false,
      account: { username: 'ada', from: 'docker-config' },
    },
    {
      id: PACKAGES,
      kind: 'registry',
      label: 'packages.example.org',
      location: 'packages.example.org',
      pinned: ['org/tool'],
    },
    { id: OFFLINE, kind: 'registry', label: 'offline.example', location: 'offline.example', pinned: [] },
  ];
}

const NAMES = [
  'base',
  'builder',
  'cache',
  'docs',
  'gateway',
  'indexer',
  'jobs',
  'mailer',
  'metrics',
  'notify',
  'portal',
  'reports',
];

/** Repositories by source. */
export const FAKE_REPOSITORIES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    ACME,
    [
      'broken/html',
      'empty/app',
      'gone/app',
      'huge/app',
      ...NAMES.map((name) => `platform/${name}`),
      'private/app',
      'private/ops',
      'team/api',
      'team/app',
      'team/charts',
    ],
  ],
  [LOCALHOST, NAMES.map((name) => `team/${name}`)],
]);
