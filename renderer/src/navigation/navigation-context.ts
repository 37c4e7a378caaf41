import { createContext, use } from 'react';
import type { Tabs } from './tabs.ts';
import type { View } from './view.ts';

export interface GoOptions {
  /** Changes the address in place: for filters, selections and modes, which "back" should not step through. */
  readonly replace?: boolean;
  /** Opens a tab that stays until it is closed. */
  readonly keep?: boolean;
}

/** Where the window is and how to get elsewhere. */
export interface Navigation {
  readonly view: View;
  readonly tabs: Tabs;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  readonly go: (view: View, options?: GoOptions) => void;
  readonly back: () => void;
  readonly forward: () => void;
  readonly closeTab: (key: string) => void;
  readonly keepTab: (key: string) => void;
}

export const NavigationContext = createContext<Navigation | undefined>(undefined);

/** Where the window is and how to get elsewhere. */
export function useNavigation(): Navigation {
  const navigation = use(NavigationContext);
  if (navigation === undefined) throw new Error('useNavigation needs a NavigationProvider above it.');
  return navigation;
}
