import type { Client } from '../../../shared/contract/client.ts';
import { createClient } from '../../../shared/contract/client.ts';
import type { Place } from '../../../shared/contract/source.ts';
import { displayText } from '../../../shared/display/display-text.ts';
import { dataFolder } from '../data-folder.ts';
import { createDispatcher } from '../dispatch.ts';
import { connectInProcess } from '../in-process-transport.ts';
import { createServices } from '../services.ts';
import { collectGraph } from './collect-graph.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { graphOutput } from './graph-json.ts';
import { graphTree } from './graph-tree.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface GraphArguments {
  readonly place: string;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman graph PLACE`: what the window would draw, as a tree or as JSON. */
export async function runGraph(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseGraphArguments(arguments_);
  const services = createServices({
    hostKind: 'command-line',
    version: surroundings.version,
    environment: surroundings.environment,
    dataFolder: dataFolder(surroundings.environment),
    workingDirectory: surroundings.workingDirectory,
    homeFolder: surroundings.homeFolder,
    // A script must not depend on what the window was used for, nor change it.
    rememberSources: false,
    ports: {},
    log: ({ message }) => surroundings.stderr(`tallyman: ${displayText(message)}\n`),
  });
  const transport = connectInProcess(createDispatcher(services));
  try {
    const client = createClient(transport);
    client.on('registry.warning', ({ source, text }) =>
      surroundings.stderr(`Warning of ${displayText(source)}: ${displayText(text)}\n`),
    );
    return await walk(client, asked, surroundings);
  } finally {
    transport.close();
    await services.close();
  }
}

async function walk(
  client: Client,
  asked: GraphArguments,
  { signal, stdout }: Surroundings,
): Promise<ExitCode> {
  const { place } = await client.call('place.resolve', { text: asked.place }, { signal });
  if (asked.plainHttp && place.source.startsWith('registry:')) {
    await client.call(
      'sources.add',
      { kind: 'registry', location: place.source.slice('registry:'.length), plainHttp: true },
      { signal },
    );
  }
  const { target, reference } = walkedPlace(place);
  const graph = collectGraph();
  const summary = await client.call('graph.walk', { target, ...reference }, { signal, onStep: graph.add });
  stdout(asked.json ? `${toSafeJson(graphOutput(graph, summary))}\n` : graphTree(graph, summary));
  const couldNotLook = graph.lookups.some(({ outcome }) => outcome === 'failed');
  return summary.complete && !couldNotLook ? EXIT.whole : EXIT.partial;
}

interface WalkedPlace {
  readonly target: { readonly source: string; readonly repository?: string };
  readonly reference: { readonly reference?: string };
}

function walkedPlace(place: Place): WalkedPlace {
  const { source } = place;
  if (place.kind === 'artifact') {
    const { repository, digest, tag } = place;
    const reference = digest ?? tag;
    return {
      target: { source, ...(repository === undefined ? {} : { repository }) },
      reference: reference === undefined ? {} : { reference },
    };
  }
  if (place.kind === 'repository')
    throw new UsageError('Which artifact of the repository? Put :TAG or @DIGEST behind it.');
  if (source.startsWith('registry:'))
    throw new UsageError('That is a registry. Put a repository and :TAG or @DIGEST behind it.');
  return { target: { source }, reference: {} };
}

function parseGraphArguments(arguments_: readonly string[]): GraphArguments {
  const { values, positionals } = parseWords(arguments_, {
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [place, ...more] = positionals;
  if (place === undefined) throw new UsageError('PLACE is missing: a reference, or the path of a layout.');
  if (more.length > 0)
    throw new UsageError(`One PLACE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  return { place, json: values.json === true, plainHttp: values['plain-http'] === true };
}
