import type { View } from '../navigation/view.ts';
import { isRegistry, sourceName } from './source-name.ts';

/**
 * A view's place as a person would type it into the bar: `registry.acme.example/team/app:1.8.2`,
 * `/home/ada/layout:1.2`. Empty for the start view. With a tag the digest is left out: it may have moved on.
 */
export function placeText(view: View): string {
  switch (view.kind) {
    case 'start':
      return '';
    case 'source':
      return sourceName(view.source);
    case 'repository':
      return whereText(view.target.source, view.target.repository);
    case 'artifact': {
      const where = whereText(view.target.source, view.target.repository);
      if (view.tag !== undefined) return `${where}:${view.tag}`;
      return view.digest === undefined ? where : `${where}@${view.digest}`;
    }
  }
}

function whereText(source: string, repository: string | undefined): string {
  if (source === 'local') return 'local';
  const location = isRegistry(source) ? sourceName(source) : source.slice('layout:'.length);
  return repository === undefined ? location : `${location}/${repository}`;
}
