import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { formatAddress, parseAddress } from './address.ts';
import { NavigationContext } from './navigation-context.ts';
import type { GoOptions, Navigation } from './navigation-context.ts';
import { readStoredTabs, storeTabs } from './stored-tabs.ts';
import { activeView, closeTab, keepTab, openView } from './tabs.ts';
import type { Tabs } from './tabs.ts';
import type { View } from './view.ts';

/** What is kept with each entry of the browser's history: its place in the row, to know whether "back" leads anywhere. */
interface HistoryState {
  readonly position: number;
}

/**
 * Keeps the view, the address and the tabs in step. The address (the URL's fragment) is the truth: back, forward,
 * an edited address and a reload all come in through it.
 */
export function NavigationProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [tabs, setTabs] = useState<Tabs>(() =>
    openView(readStoredTabs(), parseAddress(window.location.hash), false),
  );
  const [position, setPosition] = useState(readPosition);
  const [last, setLast] = useState(position);
  const latest = useRef({ tabs, position });

  useEffect(() => {
    latest.current = { tabs, position };
    storeTabs(tabs);
  }, [tabs, position]);

  const show = useCallback((next: Tabs, replace: boolean) => {
    const at = latest.current.position + (replace ? 0 : 1);
    const state: HistoryState = { position: at };
    const address = formatAddress(activeView(next));
    if (replace) window.history.replaceState(state, '', address);
    else window.history.pushState(state, '', address);
    latest.current = { tabs: next, position: at };
    setTabs(next);
    setPosition(at);
    if (!replace) setLast(at);
  }, []);

  const go = useCallback(
    (view: View, options: GoOptions = {}) => {
      const next = openView(latest.current.tabs, view, options.keep === true);
      const same = formatAddress(view) === formatAddress(activeView(latest.current.tabs));
      show(next, same || options.replace === true);
    },
    [show],
  );

  const close = useCallback(
    (key: string) => {
      const before = latest.current.tabs;
      const next = closeTab(before, key);
      show(next, next.active === before.active);
    },
    [show],
  );

  const keep = useCallback((key: string) => {
    const next = keepTab(latest.current.tabs, key);
    latest.current = { ...latest.current, tabs: next };
    setTabs(next);
  }, []);

  useEffect(() => {
    const onAddress = (): void => {
      const at = readPosition();
      const next = openView(latest.current.tabs, parseAddress(window.location.hash), false);
      latest.current = { tabs: next, position: at };
      setTabs(next);
      setPosition(at);
      setLast((known) => Math.max(known, at));
    };
    window.addEventListener('popstate', onAddress);
    return () => window.removeEventListener('popstate', onAddress);
  }, []);

  useBackAndForwardInput();

  const navigation = useMemo<Navigation>(
    () => ({
      view: activeView(tabs),
      tabs,
      canGoBack: position > 0,
      canGoForward: position < last,
      go,
      back: () => window.history.back(),
      forward: () => window.history.forward(),
      closeTab: close,
      keepTab: keep,
    }),
    [tabs, position, last, go, close, keep],
  );
  return <NavigationContext value={navigation}>{children}</NavigationContext>;
}

function readPosition(): number {
  const state = window.history.state as Partial<HistoryState> | null;
  return typeof state?.position === 'number' ? state.position : 0;
}

/** Alt+Left and Alt+Right (Cmd+[ and Cmd+] on a Mac), and the two side buttons of a mouse. */
function useBackAndForwardInput(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.shiftKey) return;
      const alt = event.altKey && !event.ctrlKey && !event.metaKey;
      const meta = event.metaKey && !event.ctrlKey && !event.altKey;
      const back = (alt && event.key === 'ArrowLeft') || (meta && event.key === '[');
      const forward = (alt && event.key === 'ArrowRight') || (meta && event.key === ']');
      if (!back && !forward) return;
      event.preventDefault();
      if (back) window.history.back();
      else window.history.forward();
    };
    const onMouse = (event: MouseEvent): void => {
      if (event.button !== 3 && event.button !== 4) return;
      event.preventDefault();
      if (event.type !== 'mouseup') return;
      if (event.button === 3) window.history.back();
      else window.history.forward();
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('mouseup', onMouse);
    window.addEventListener('mousedown', onMouse);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('mouseup', onMouse);
      window.removeEventListener('mousedown', onMouse);
    };
  }, []);
}
