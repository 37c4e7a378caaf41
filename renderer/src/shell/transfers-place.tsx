import { Suspense, lazy } from 'react';
import type { JSX } from 'react';
import { useDialogs } from '../dialogs/dialogs.tsx';

const TransfersDrawer = lazy(async () => ({
  default: (await import('../features/transfers/transfers-drawer.tsx')).TransfersDrawer,
}));

/** The transfers at the foot of the window, when they are wanted; loaded when they are first shown. */
export function TransfersPlace(): JSX.Element | null {
  const { transfersShown } = useDialogs();
  if (!transfersShown) return null;
  return (
    <Suspense fallback={null}>
      <TransfersDrawer />
    </Suspense>
  );
}
