import { quoteForShell } from './quote-for-shell.ts';

/** A layout that is served as a registry on this machine; a `Served` of the contract fits. */
export interface ServedPlace {
  /** `localhost:5000`. */
  readonly address: string;
  readonly readOnly: boolean;
  readonly token?: string;
  readonly example?: { readonly repository: string; readonly tag?: string };
}

/** One command line for a client beside Tallyman. */
export interface ServedCommand {
  readonly tool: 'docker' | 'oras' | 'crane' | 'skopeo' | 'helm';
  /** What it does, as a verb: "Pull". */
  readonly what: string;
  readonly line: string;
}

/** Who logs in: the name does not matter, the token does. */
const ANYBODY = 'tallyman';
/** What command lines name where nothing is there to be named. */
const NEW_ARTIFACT = 'my/artifact:1';

/**
 * Command lines that use a served layout, ready to paste. Clients take `localhost` without TLS by themselves; where one does not,
 * its flag is in the line. Tokens never are: they would stay in the shell's history.
 */
export function servedCommands({ address, readOnly, token, example }: ServedPlace): readonly ServedCommand[] {
  const commands: { tool: ServedCommand['tool']; what: string; words: readonly string[] }[] = [];
  if (token !== undefined) {
    commands.push(
      { tool: 'docker', what: 'Log in', words: ['docker', 'login', '--username', ANYBODY, address] },
      { tool: 'oras', what: 'Log in', words: ['oras', 'login', '--username', ANYBODY, address] },
    );
  }
  if (example !== undefined) {
    const { repository, tag } = example;
    const name = tag === undefined ? `${address}/${repository}` : `${address}/${repository}:${tag}`;
    if (tag === undefined) {
      commands.push({ tool: 'oras', what: 'List tags', words: ['oras', 'repo', 'tags', name] });
    } else {
      commands.push(
        { tool: 'docker', what: 'Pull', words: ['docker', 'pull', name] },
        { tool: 'oras', what: 'Discover', words: ['oras', 'discover', name] },
        { tool: 'crane', what: 'Manifest', words: ['crane', 'manifest', name] },
        {
          tool: 'skopeo',
          what: 'Inspect',
          words: ['skopeo', 'inspect', '--tls-verify=false', `docker://${name}`],
        },
      );
    }
  }
  if (!readOnly) {
    commands.push(
      { tool: 'oras', what: 'Push', words: ['oras', 'push', `${address}/${NEW_ARTIFACT}`, './FILE'] },
      {
        tool: 'helm',
        what: 'Push',
        words: ['helm', 'push', '--plain-http', './CHART.tgz', `oci://${address}/charts`],
      },
    );
  }
  if (commands.every(({ words }) => words[1] === 'login'))
    commands.push({ tool: 'oras', what: 'List', words: ['oras', 'repo', 'ls', address] });
  return commands.map(({ tool, what, words }) => ({ tool, what, line: words.map(quoteForShell).join(' ') }));
}
