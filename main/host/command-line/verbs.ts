import type { Verb } from './verb.ts';

/** Every verb of `tallyman`, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: 'graph',
    summary: 'Print what an artifact consists of and what is attached to it',
    usage: 'tallyman graph PLACE [--json] [--plain-http]',
    help: [
      'PLACE is one of',
      '  HOST/REPOSITORY:TAG            in a registry: localhost:5000/team/app:1.2',
      '  HOST/REPOSITORY@DIGEST         in a registry: ghcr.io/org/app@sha256:…',
      '  PATH, PATH:TAG, PATH@DIGEST    an OCI image layout, folder or archive; PATH begins with /, . or ~',
      '  layout:PATH…                   the same for any path',
      'A layout without tag and digest gives everything that its index lists.',
      '',
      '  --json         print { root, nodes, edges } instead of a tree',
      '  --plain-http   talk to the registry without TLS; loopback needs no option',
      '',
      'Exit code: 0 whole, 3 partial (the output says what is missing or failed), 1 failed, 2 wrong usage.',
    ],
    load: async () => (await import('./graph-verb.ts')).runGraph,
  },
  {
    name: 'serve',
    summary: 'Serve a layout, or another registry, as a registry on this machine',
    usage: 'tallyman serve [PLACE] [--port N] [--read-only] [--token-file FILE] [--repository NAME]',
    help: [
      'PLACE is one of',
      '  PATH            the folder of an OCI image layout, or an archive of one; where nothing is, an empty layout is made',
      '  registry:HOST   a registry elsewhere, read-only: what is pulled is verified on the way',
      'Without it, the local store. Other programs of this machine push and pull as from any registry, by plain HTTP.',
      'Prints the address, then a line that begins with “Ready”. Ctrl-C and SIGTERM stop it; uploads can be resumed then.',
      '',
      '  --port N            the port; any free one without it',
      '  --read-only         take no pushes and no deletes',
      '  --token-file FILE   clients must log in with the token in FILE as password, and any user name',
      '  --repository NAME   what the repository of plain tags is called; else made of the name of the folder',
      '',
      'Exit code: 0 stopped, 1 failed, 2 wrong usage.',
    ],
    load: async () => (await import('./serve-verb.ts')).runServe,
  },
];
