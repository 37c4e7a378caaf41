import type { Place } from '../../../shared/contract/source.ts';
import { artifactView, repositoryView, sourceView } from '../navigation/view.ts';
import type { View } from '../navigation/view.ts';
import { isRegistry } from './source-name.ts';

/** Where a place is shown. */
export function viewOfPlace(place: Place): View {
  switch (place.kind) {
    case 'source':
      return viewOfSource(place.source);
    case 'repository':
      return repositoryView({ source: place.source, repository: place.repository });
    case 'artifact':
      return artifactView(
        place.repository === undefined
          ? { source: place.source }
          : { source: place.source, repository: place.repository },
        place,
      );
  }
}

/** Where a source itself is shown: a registry's list of repositories, a layout's rows. */
export function viewOfSource(id: string): View {
  return isRegistry(id) ? sourceView(id) : repositoryView({ source: id });
}
