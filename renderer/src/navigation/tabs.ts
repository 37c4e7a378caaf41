import { START, placeKey } from './view.ts';
import type { View } from './view.ts';

/**
 * One open place. A tab that is not kept is replaced by the next place of its sort (a listing by a listing,
 * an artifact by an artifact), so that looking around does not leave a row of tabs behind.
 */
export interface Tab {
  readonly key: string;
  readonly view: View;
  readonly kept: boolean;
}

export interface Tabs {
  readonly tabs: readonly Tab[];
  /** Key of the active tab; always one of `tabs`. */
  readonly active: string;
}

export const NO_TABS: Tabs = { tabs: [{ key: 'start', view: START, kept: false }], active: 'start' };

/** Shows a view: in the tab of its place if there is one, else in the unkept tab of its sort, else in a new tab beside the active one. */
export function openView(state: Tabs, view: View, keep: boolean): Tabs {
  const key = placeKey(view);
  const existing = state.tabs.find((tab) => tab.key === key);
  if (existing !== undefined) {
    return {
      tabs: state.tabs.map((tab) => (tab === existing ? { key, view, kept: tab.kept || keep } : tab)),
      active: key,
    };
  }
  const replaced = keep ? undefined : state.tabs.find((tab) => !tab.kept && sort(tab.view) === sort(view));
  const start = state.tabs.find((tab) => tab.view.kind === 'start');
  const slot = replaced ?? start;
  const fresh: Tab = { key, view, kept: keep };
  if (slot !== undefined) {
    return { tabs: state.tabs.map((tab) => (tab === slot ? fresh : tab)), active: key };
  }
  const at = state.tabs.findIndex((tab) => tab.key === state.active) + 1;
  return { tabs: [...state.tabs.slice(0, at), fresh, ...state.tabs.slice(at)], active: key };
}

/** Closes a tab; its right neighbour, else its left one, else the start view becomes active. */
export function closeTab(state: Tabs, key: string): Tabs {
  const at = state.tabs.findIndex((tab) => tab.key === key);
  if (at < 0) return state;
  const tabs = state.tabs.filter((tab) => tab.key !== key);
  if (tabs.length === 0) return NO_TABS;
  if (state.active !== key) return { ...state, tabs };
  const next = tabs[Math.min(at, tabs.length - 1)];
  return { tabs, active: next?.key ?? 'start' };
}

/** Keeps a tab open until it is closed. */
export function keepTab(state: Tabs, key: string): Tabs {
  return { ...state, tabs: state.tabs.map((tab) => (tab.key === key ? { ...tab, kept: true } : tab)) };
}

/** The view of the active tab. */
export function activeView(state: Tabs): View {
  return state.tabs.find((tab) => tab.key === state.active)?.view ?? START;
}

function sort(view: View): 'start' | 'listing' | 'artifact' {
  if (view.kind === 'artifact') return 'artifact';
  return view.kind === 'start' ? 'start' : 'listing';
}
