import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { createQueryClient } from './client/query-client.ts';
import { CommandsProvider } from './commands/commands.tsx';
import { DialogsProvider } from './dialogs/dialogs.tsx';
import { InspectionProvider } from './inspection/inspection.tsx';
import { NavigationProvider } from './navigation/navigation-provider.tsx';
import { NoticesProvider } from './notices/notices.tsx';
import { AppShell } from './shell/app-shell.tsx';
import { ColumnsProvider } from './shell/columns.tsx';

interface AppProps {
  /** Puts a client around the content: over a connection in the product, an invented one in development. */
  readonly children: (content: ReactNode) => ReactNode;
}

/** The whole window. */
export function App({ children }: AppProps): JSX.Element {
  const [queryClient] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      {children(
        <NoticesProvider>
          <NavigationProvider>
            <CommandsProvider>
              <DialogsProvider>
                <InspectionProvider>
                  <ColumnsProvider>
                    <AppShell />
                  </ColumnsProvider>
                </InspectionProvider>
              </DialogsProvider>
            </CommandsProvider>
          </NavigationProvider>
        </NoticesProvider>,
      )}
    </QueryClientProvider>
  );
}
