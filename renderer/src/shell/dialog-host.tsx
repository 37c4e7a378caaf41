import { lazy } from 'react';
import type { JSX } from 'react';
import { useDialogs } from '../dialogs/dialogs.tsx';

const AddRegistryDialog = lazy(async () => ({
  default: (await import('../features/sources/add-registry-dialog.tsx')).AddRegistryDialog,
}));
const OpenLayoutDialog = lazy(async () => ({
  default: (await import('../features/sources/open-layout-dialog.tsx')).OpenLayoutDialog,
}));
const SignInDialog = lazy(async () => ({
  default: (await import('../features/accounts/sign-in-dialog.tsx')).SignInDialog,
}));
const StoreDialogs = lazy(async () => ({
  default: (await import('../features/store/store-dialogs.tsx')).StoreDialogs,
}));
const MovingDialogs = lazy(async () => ({
  default: (await import('../features/moving/moving-dialogs.tsx')).MovingDialogs,
}));
const OpenPalette = lazy(async () => ({
  default: (await import('../features/open-anything/open-palette.tsx')).OpenPalette,
}));
const HelpDialog = lazy(async () => ({ default: (await import('./help-dialog.tsx')).HelpDialog }));

/** The dialog that is asked for. Each is loaded when it is first shown. */
export function DialogHost(): JSX.Element | null {
  const { dialog } = useDialogs();
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'open':
      return <OpenPalette {...(dialog.text === undefined ? {} : { text: dialog.text })} />;
    case 'add-registry':
      return <AddRegistryDialog />;
    case 'open-layout':
      return <OpenLayoutDialog />;
    case 'sign-in':
      return <SignInDialog source={dialog.source} />;
    case 'store':
      return <StoreDialogs key={dialog.what} what={dialog.what} source={dialog.source} />;
    case 'push':
    case 'attach':
    case 'copy':
    case 'pull':
    case 'import':
    case 'export':
    case 'tag':
    case 'delete':
      return <MovingDialogs key={dialog.kind} dialog={dialog} />;
    case 'help':
      return <HelpDialog />;
  }
}
