import { createContext, use, useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { TakeFiles } from '../moving/take-files.ts';
import type { Thing } from '../moving/thing.ts';

/** What can stand over the window, one at a time. */
export type OpenDialog =
  | { readonly kind: 'open'; readonly text?: string }
  | { readonly kind: 'add-registry' }
  | { readonly kind: 'open-layout' }
  | { readonly kind: 'sign-in'; readonly source: string }
  | { readonly kind: 'store'; readonly what: StoreDialog; readonly source: string }
  | MovingDialog
  | { readonly kind: 'help' };

/** What can be done with a layout as a whole. */
export type StoreDialog = 'sizes' | 'check' | 'clean-up' | 'serve';

/** What moves content from one place to another, or changes its names. */
export type MovingDialog =
  /** Files become an artifact; `take` brings those that were dropped. Without a repository a registry's is asked for. */
  | { readonly kind: 'push'; readonly target: TargetAddress; readonly take?: TakeFiles }
  | { readonly kind: 'attach'; readonly subject: Thing; readonly take?: TakeFiles }
  | { readonly kind: 'copy'; readonly thing: Thing; readonly to?: TargetAddress }
  | { readonly kind: 'pull'; readonly thing: Thing }
  | { readonly kind: 'import'; readonly target: TargetAddress; readonly take?: TakeFiles }
  | { readonly kind: 'export'; readonly thing: Thing }
  | { readonly kind: 'tag'; readonly thing: Thing }
  | { readonly kind: 'delete'; readonly thing: Thing };

interface Dialogs {
  readonly dialog: OpenDialog | undefined;
  readonly show: (dialog: OpenDialog) => void;
  readonly close: () => void;
  /** Whether the transfers stand at the foot of the window. */
  readonly transfersShown: boolean;
  readonly showTransfers: (shown: boolean) => void;
}

const DialogsContext = createContext<Dialogs>({
  dialog: undefined,
  show: () => undefined,
  close: () => undefined,
  transfersShown: false,
  showTransfers: () => undefined,
});

/** Lets any view ask for a dialog without knowing who draws it. */
export function DialogsProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [dialog, setDialog] = useState<OpenDialog>();
  const [transfersShown, showTransfers] = useState(false);
  const dialogs = useMemo(
    () => ({
      dialog,
      show: setDialog,
      close: () => setDialog(undefined),
      transfersShown,
      showTransfers,
    }),
    [dialog, transfersShown],
  );
  return <DialogsContext value={dialogs}>{children}</DialogsContext>;
}

/** The dialog over the window and the ways to show and close it. */
export function useDialogs(): Dialogs {
  return use(DialogsContext);
}
