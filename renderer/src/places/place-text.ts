import type { Source } from '../../../shared/contract/source.ts';
import type { View } from '../navigation/view.ts';
import { isRegistry, sourceName } from './source-name.ts';

/**
 * A view's place as a person would type it into the bar: `registry.acme.example/team/app:1.8.2`,
 * `/home/ada/layout:1.2`. Empty for the start view. With a tag the digest is left out: it may have moved on.
 * The path of the local store is not in its id, so it is looked up among the sources.
 */
export function placeText(view: View, sources: readonly Source[] = []): string {
  switch (view.kind) {
    case 'start':
      return '';
    case 'source':
      return sourceName(view.source);
    case 'repository':
      return whereText(view.target.source, view.target.repository, sources);
    case 'artifact': {
      const where = whereText(view.target.source, view.target.repository, sources);
      if (view.tag !== undefined) return `${where}:${view.tag}`;
      return view.digest === undefined ? where : `${where}@${view.digest}`;
    }
  }
}

function whereText(id: string, repository: string | undefined, sources: readonly Source[]): string {
  if (isRegistry(id)) return repository === undefined ? sourceName(id) : `${sourceName(id)}/${repository}`;
  if (id === 'local') return sources.find((source) => source.id === id)?.location ?? sourceName(id);
  return id.slice('layout:'.length);
}
