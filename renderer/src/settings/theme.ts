import { useSyncExternalStore } from 'react';
import { readSetting, writeSetting } from './stored-setting.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const DARK = '(prefers-color-scheme: dark)';
const listeners = new Set<() => void>();
let theme: Theme = THEMES.find((each) => each === readSetting('theme')) ?? 'system';

function apply(): void {
  const isDark = theme === 'dark' || (theme === 'system' && window.matchMedia(DARK).matches);
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
}

/** Gives the document its colours, now and whenever the system changes its mind. Once, before anything is drawn. */
export function startTheme(): void {
  apply();
  window.matchMedia(DARK).addEventListener('change', apply);
}

export function setTheme(next: Theme): void {
  theme = next;
  writeSetting('theme', next);
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme that the person chose. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => theme);
}
