import { lazy } from 'react';
import type { JSX } from 'react';
import { RegistryView } from '../features/registry/registry-view.tsx';
import { RepositoryView } from '../features/repository/repository-view.tsx';
import { StartView } from '../features/start/start-view.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { placeKey } from '../navigation/view.ts';

const ArtifactView = lazy(async () => ({
  default: (await import('../features/artifact/artifact-view.tsx')).ArtifactView,
}));

/** What the active tab shows. */
export function WorkArea({ onPeek }: { readonly onPeek: () => void }): JSX.Element {
  const { view } = useNavigation();
  switch (view.kind) {
    case 'start':
      return <StartView />;
    case 'source':
      return <RegistryView key={placeKey(view)} view={view} />;
    case 'repository':
      return <RepositoryView key={placeKey(view)} view={view} onPeek={onPeek} />;
    case 'artifact':
      return <ArtifactView key={placeKey(view)} view={view} />;
  }
}
