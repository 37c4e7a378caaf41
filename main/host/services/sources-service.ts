import type { Source } from '../../../shared/contract/source.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import type { CredentialsSource } from '../../registry/auth/credentials-source.ts';
import type { HandlersOf } from '../handlers.ts';
import type { HostPorts } from '../host-ports.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { parseRegistryLocation } from '../sources/parse-registry-location.ts';
import type { PlaceResolver } from '../sources/place-resolver.ts';
import { accountOf } from '../sources/account-of.ts';
import type { ServedLayouts } from '../sources/served-layouts.ts';
import type { SourceList } from '../sources/source-list.ts';

export interface SourcesServiceOptions {
  readonly sources: SourceList;
  readonly targets: OpenTargets;
  readonly served: ServedLayouts;
  readonly places: PlaceResolver;
  readonly credentials: CredentialsSource;
  readonly ports: HostPorts;
}

/** The list at the left: what is in it, what a typed text means, and whether a place answers. */
export function createSourcesService(
  options: SourcesServiceOptions,
): HandlersOf<
  | 'sources.list'
  | 'sources.add'
  | 'sources.remove'
  | 'sources.pin'
  | 'sources.pick'
  | 'sources.probe'
  | 'place.resolve'
> {
  const { sources, targets, served, places, credentials, ports } = options;

  /** A layout by its path, as the bar would take it. */
  const addLayout = async (path: string, signal: AbortSignal): Promise<Source> => {
    const place = await places.resolve(`layout:${path}`, signal);
    return (await sources.get(place.source)).source;
  };

  return {
    async 'sources.list'() {
      return { sources: await sources.list() };
    },

    async 'sources.add'({ kind, location, plainHttp }, { signal }) {
      if (kind === 'layout') return { source: await addLayout(location, signal) };
      const parsed = parseRegistryLocation(location);
      const before = await sources.find(`registry:${parsed.host}`);
      const added = await sources.addRegistry(parsed.host, plainHttp ?? parsed.plainHttp);
      // An open connection was made under the old decision.
      if (before?.kind === 'registry' && added.kind === 'registry' && before.plainHttp !== added.plainHttp)
        await targets.forget(added.id);
      return { source: added.source };
    },

    async 'sources.remove'({ source }) {
      await served.stop(source);
      await targets.forget(source);
      await sources.remove(source);
      return {};
    },

    async 'sources.pin'({ source, repository, pinned }) {
      if (!isRepositoryName(repository)) {
        throw new TallymanError({
          code: 'INVALID_REFERENCE',
          message: 'That is not the name of a repository.',
          hint: 'Names are lower case, with “/” between their parts: team/app.',
        });
      }
      await sources.pin(source, repository, pinned);
      return {};
    },

    async 'sources.pick'({ what }, { signal }) {
      if (ports.pickPath === undefined) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: 'This host has no dialog to choose a folder or file.',
          hint: 'Type or paste its path into the bar at the top.',
        });
      }
      const path = await ports.pickPath(what);
      return path === undefined ? {} : { source: await addLayout(path, signal) };
    },

    async 'sources.probe'({ source }, { signal }) {
      const known = await sources.get(source);
      if (known.kind === 'registry') {
        const registry = await targets.registry(source);
        const { plainHttp } = await registry.probe({ signal });
        await sources.learn(source, { plainHttp, account: await accountOf(credentials, known.host, signal) });
      } else {
        await targets.target({ source }, signal);
      }
      return { source: (await sources.get(source)).source };
    },

    async 'place.resolve'({ text }, { signal }) {
      return { place: await places.resolve(text, signal) };
    },
  };
}
