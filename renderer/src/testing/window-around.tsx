import { QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { Client } from '../../../shared/contract/client.ts';
import { ClientContext } from '../client/client-context.ts';
import { createQueryClient } from '../client/query-client.ts';
import { CommandsProvider } from '../commands/commands.tsx';
import { useSourcesKeptFresh } from '../data/sources.ts';
import { InspectionProvider } from '../inspection/inspection.tsx';
import { NavigationContext } from '../navigation/navigation-context.ts';
import type { GoOptions, Navigation } from '../navigation/navigation-context.ts';
import { NO_TABS } from '../navigation/tabs.ts';
import type { View } from '../navigation/view.ts';

/** Where a view went, in order. */
export type Went = { readonly view: View; readonly options: GoOptions | undefined }[];

interface WindowAroundProps {
  readonly client: Client;
  /** Where it begins. */
  readonly view: View;
  readonly went?: Went;
  readonly children: (view: View) => ReactNode;
}

/** What a view of the window needs around itself, without the window: a client, a place that changes, the inspector's ear. */
export function WindowAround({ client, view: first, went = [], children }: WindowAroundProps): JSX.Element {
  const [view, setView] = useState(first);
  const [queryClient] = useState(createQueryClient);
  const navigation = useMemo<Navigation>(() => {
    const nothing = (): void => undefined;
    return {
      view,
      tabs: NO_TABS,
      canGoBack: false,
      canGoForward: false,
      go: (next, options) => {
        went.push({ view: next, options });
        setView(next);
      },
      back: nothing,
      forward: nothing,
      closeTab: nothing,
      keepTab: nothing,
    };
  }, [view, went]);
  return (
    <QueryClientProvider client={queryClient}>
      <ClientContext value={client}>
        <NavigationContext value={navigation}>
          <KeptFresh />
          <CommandsProvider>
            <InspectionProvider>{children(view)}</InspectionProvider>
          </CommandsProvider>
        </NavigationContext>
      </ClientContext>
    </QueryClientProvider>
  );
}

/** Hears what the host says about sources, as the window does. */
function KeptFresh(): null {
  useSourcesKeptFresh();
  return null;
}
