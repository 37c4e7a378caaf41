import { formatAddress, parseAddress } from './address.ts';
import { NO_TABS, openView } from './tabs.ts';
import type { Tabs } from './tabs.ts';
import { placeKey } from './view.ts';

const STORAGE_KEY = 'tallyman.tabs';
/** More tabs than this are not remembered. */
const TAB_LIMIT = 40;

interface StoredTab {
  readonly address: string;
  readonly kept: boolean;
}

/** The tabs of before a reload, as addresses; whatever is in the storage, the answer is usable. */
export function readStoredTabs(): Tabs {
  let tabs = NO_TABS;
  const kept = new Set<string>();
  for (const { address, kept: isKept } of readEntries()) {
    const view = parseAddress(address);
    tabs = openView(tabs, view, true);
    if (isKept) kept.add(placeKey(view));
  }
  return { ...tabs, tabs: tabs.tabs.map((tab) => ({ ...tab, kept: kept.has(tab.key) })) };
}

function readEntries(): readonly StoredTab[] {
  try {
    const stored: unknown = JSON.parse(window.sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(stored) ? stored.slice(0, TAB_LIMIT).filter(isStoredTab) : [];
  } catch {
    return [];
  }
}

function isStoredTab(value: unknown): value is StoredTab {
  if (typeof value !== 'object' || value === null) return false;
  const { address, kept } = value as Partial<Record<keyof StoredTab, unknown>>;
  return typeof address === 'string' && typeof kept === 'boolean';
}

export function storeTabs(tabs: Tabs): void {
  const stored: StoredTab[] = tabs.tabs.map((tab) => ({ address: formatAddress(tab.view), kept: tab.kept }));
  try {
    window.sessionStorage.setItem(STORAGE_KEY, JSON.stringify(stored.slice(-TAB_LIMIT)));
  } catch {
    // A full or forbidden storage only means that a reload forgets the tabs.
  }
}
