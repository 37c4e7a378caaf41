import { createContext, use, useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';

/** What can stand over the window, one at a time. */
export type OpenDialog =
  | { readonly kind: 'open'; readonly text?: string }
  | { readonly kind: 'add-registry' }
  | { readonly kind: 'open-layout' }
  | { readonly kind: 'sign-in'; readonly source: string }
  | { readonly kind: 'store'; readonly what: StoreDialog; readonly source: string }
  | { readonly kind: 'help' };

/** What can be done with a layout as a whole. */
export type StoreDialog = 'sizes' | 'check' | 'clean-up' | 'serve';

interface Dialogs {
  readonly dialog: OpenDialog | undefined;
  readonly show: (dialog: OpenDialog) => void;
  readonly close: () => void;
}

const DialogsContext = createContext<Dialogs>({
  dialog: undefined,
  show: () => undefined,
  close: () => undefined,
});

/** Lets any view ask for a dialog without knowing who draws it. */
export function DialogsProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [dialog, setDialog] = useState<OpenDialog>();
  const dialogs = useMemo(() => ({ dialog, show: setDialog, close: () => setDialog(undefined) }), [dialog]);
  return <DialogsContext value={dialogs}>{children}</DialogsContext>;
}

/** The dialog over the window and the ways to show and close it. */
export function useDialogs(): Dialogs {
  return use(DialogsContext);
}
