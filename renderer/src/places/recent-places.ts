import { useSyncExternalStore } from 'react';
import { formatAddress, parseAddress } from '../navigation/address.ts';
import { placeKey } from '../navigation/view.ts';
import type { View } from '../navigation/view.ts';

const STORAGE_KEY = 'tallyman.recent';
/** Places that are remembered. */
const RECENT_LIMIT = 12;

let recent: readonly View[] | undefined;
const listeners = new Set<() => void>();

function read(): readonly View[] {
  if (recent !== undefined) return recent;
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(STORAGE_KEY) ?? '[]');
    const addresses = Array.isArray(stored)
      ? stored.filter((each): each is string => typeof each === 'string')
      : [];
    recent = addresses
      .slice(0, RECENT_LIMIT)
      .map(parseAddress)
      .filter((view) => view.kind !== 'start');
  } catch {
    recent = [];
  }
  return recent;
}

/** Remembers that a place was looked at; the newest comes first. */
export function rememberPlace(view: View): void {
  if (view.kind === 'start') return;
  const key = placeKey(view);
  recent = [view, ...read().filter((other) => placeKey(other) !== key)].slice(0, RECENT_LIMIT);
  try {
    window.localStorage.setItem(STORAGE_KEY, JSON.stringify(recent.map(formatAddress)));
  } catch {
    // A full or forbidden storage only means that the next start forgets them.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The places looked at last, the newest first. */
export function useRecentPlaces(): readonly View[] {
  return useSyncExternalStore(subscribe, read);
}
