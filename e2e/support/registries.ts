import path from 'node:path';
import { pushHeadlineGraph } from '../../main/testing/headline-graph.ts';
import type { HeadlineGraph } from '../../main/testing/headline-graph.ts';
import { hasRealRegistry, startRealRegistry } from '../../main/testing/real-registries.ts';
import type { RealRegistry, RealRegistryKind } from '../../main/testing/real-registries.ts';
import { startScriptedRegistry } from '../../main/testing/scripted-registry.ts';
import type {
  Script,
  ScriptedRegistry,
  ScriptedRegistryOptions,
} from '../../main/testing/scripted-registry.ts';
import { peer } from '../../main/testing/surroundings.ts';
import { test as base } from './test.ts';

/** Repository of the headline graph. */
export const HEADLINE_REPOSITORY = 'team/app';

/** A real registry with the headline graph in it: image, SBOM, report of the SBOM, three signatures. */
export interface HeadlineRegistry {
  readonly registry: RealRegistry;
  readonly pushed: HeadlineGraph;
}

interface Fixtures {
  /** Starts a registry that answers as a script says, for one spec. */
  readonly serve: (script: Script, options?: ScriptedRegistryOptions) => Promise<ScriptedRegistry>;
}

interface WorkerFixtures {
  /** A real registry with the headline graph, started and filled when the first spec of a worker wants it. */
  readonly headlineRegistry: (kind: RealRegistryKind) => Promise<HeadlineRegistry>;
}

/** Why the headline graph cannot be had here; undefined when it can. */
export function missingForHeadline(kind: RealRegistryKind): string | undefined {
  const missing = ['crane', 'oras', 'cosign'].filter((name) => peer(name) === undefined);
  if (!hasRealRegistry(kind)) missing.push(kind);
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')} (TALLYMAN_PEERS)`;
}

/** The test of specs that look at registries. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  headlineRegistry: [
    async ({}, use) => {
      const started = new Map<RealRegistryKind, Promise<HeadlineRegistry>>();
      const start = async (kind: RealRegistryKind): Promise<HeadlineRegistry> => {
        const registry = await startRealRegistry(kind);
        const peers = path.dirname(peer('crane') ?? '');
        const pushed = await pushHeadlineGraph({
          peers,
          host: registry.host,
          repository: HEADLINE_REPOSITORY,
        });
        return { registry, pushed };
      };
      await use((kind) => {
        const known = started.get(kind) ?? start(kind);
        started.set(kind, known);
        return known;
      });
      for (const { registry } of await Promise.all(started.values())) await registry.close();
    },
    { scope: 'worker' },
  ],

  serve: async ({}, use) => {
    const started: ScriptedRegistry[] = [];
    await use(async (script, options) => {
      const registry = await startScriptedRegistry(script, options);
      started.push(registry);
      return registry;
    });
    for (const registry of started) await registry.close();
  },
});

export { expect } from './test.ts';
