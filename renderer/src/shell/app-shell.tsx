import type { JSX } from 'react';
import { useNavigation } from '../navigation/navigation-context.ts';

/** The frame of the window. */
export function AppShell(): JSX.Element {
  const { view } = useNavigation();
  return <main>{view.kind}</main>;
}
