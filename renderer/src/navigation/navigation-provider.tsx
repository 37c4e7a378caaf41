import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { formatAddress, parseAddress } from './address.ts';
import { NavigationContext } from './navigation-context.ts';
import type { GoOptions, Navigation } from './navigation-context.ts';
import { readStoredTabs, storeTabs } from './stored-tabs.ts';
import { activeView, closeTab, keepTab, openView } from './tabs.ts';
import type { Tabs } from './tabs.ts';
import type { View } from './view.ts';

/** Changes in place reach the address after this time, in milliseconds. */
const SETTLE = 250;

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
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    latest.current = { tabs, position };
    storeTabs(tabs);
  }, [tabs, position]);

  // Browsers refuse a burst of changes to the address (a held arrow key moves a selection thirty times a second),
  // so a change in place is written when it has settled, or before the next entry of the history.
  const write = useCallback(() => {
    clearTimeout(settling.current);
    settling.current = undefined;
    const { tabs: shown, position: at } = latest.current;
    window.history.replaceState(
      { position: at } satisfies HistoryState,
      '',
      formatAddress(activeView(shown)),
    );
  }, []);
  const writeIfSettling = useCallback(() => {
    if (settling.current !== undefined) write();
  }, [write]);

  const show = useCallback(
    (next: Tabs, replace: boolean) => {
      const at = latest.current.position + (replace ? 0 : 1);
      if (!replace) {
        writeIfSettling();
        window.history.pushState(
          { position: at } satisfies HistoryState,
          '',
          formatAddress(activeView(next)),
        );
      }
      latest.current = { tabs: next, position: at };
      if (replace) settling.current ??= setTimeout(write, SETTLE);
      setTabs(next);
      setPosition(at);
      if (!replace) setLast(at);
    },
    [write, writeIfSettling],
  );

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
      clearTimeout(settling.current);
      settling.current = undefined;
      const at = readPosition();
      const next = openView(latest.current.tabs, parseAddress(window.location.hash), false);
      latest.current = { tabs: next, position: at };
      setTabs(next);
      setPosition(at);
      setLast((known) => Math.max(known, at));
    };
    window.addEventListener('popstate', onAddress);
    window.addEventListener('pagehide', writeIfSettling);
    return () => {
      window.removeEventListener('popstate', onAddress);
      window.removeEventListener('pagehide', writeIfSettling);
    };
  }, [writeIfSettling]);

  const back = useCallback(() => {
    writeIfSettling();
    window.history.back();
  }, [writeIfSettling]);
  const forward = useCallback(() => {
    writeIfSettling();
    window.history.forward();
  }, [writeIfSettling]);
  useBackAndForwardInput(back, forward);

  const navigation = useMemo<Navigation>(
    () => ({
      view: activeView(tabs),
      tabs,
      canGoBack: position > 0,
      canGoForward: position < last,
      go,
      back,
      forward,
      closeTab: close,
      keepTab: keep,
    }),
    [tabs, position, last, go, back, forward, close, keep],
  );
  return <NavigationContext value={navigation}>{children}</NavigationContext>;
}

function readPosition(): number {
  const state = window.history.state as Partial<HistoryState> | null;
  return typeof state?.position === 'number' ? state.position : 0;
}

/** The two side buttons of a mouse, and Cmd+[ and Cmd+] on a Mac; Alt+Left and Alt+Right are commands of the table. */
function useBackAndForwardInput(back: () => void, forward: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || !event.metaKey || event.shiftKey || event.ctrlKey || event.altKey) return;
      if (event.key !== '[' && event.key !== ']') return;
      event.preventDefault();
      if (event.key === '[') back();
      else forward();
    };
    const onMouse = (event: MouseEvent): void => {
      if (event.button !== 3 && event.button !== 4) return;
      event.preventDefault();
      if (event.type !== 'mouseup') return;
      if (event.button === 3) back();
      else forward();
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('mouseup', onMouse);
    window.addEventListener('mousedown', onMouse);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('mouseup', onMouse);
      window.removeEventListener('mousedown', onMouse);
    };
  }, [back, forward]);
}
