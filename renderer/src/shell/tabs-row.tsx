import { Home, Layers2, Package, Server, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { useSources } from '../data/sources.ts';
import { formatAddress } from '../navigation/address.ts';
import { useNavigation } from '../navigation/navigation-context.ts';
import type { Tab } from '../navigation/tabs.ts';
import { placeText } from '../places/place-text.ts';
import { placeTitle } from '../places/place-title.ts';
import type { View } from '../navigation/view.ts';
import styles from './tabs-row.module.css';

/** The open places. Links, so that each has an address to copy; arrows move along them, Delete closes one. */
export function TabsRow(): JSX.Element {
  const { tabs, go, closeTab, keepTab } = useNavigation();
  const sources = useSources();
  const row = useRef<HTMLUListElement>(null);

  useEffect(() => {
    row.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tabs.active]);

  const onKeyDown = (event: KeyboardEvent, tab: Tab): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = tabs.tabs.indexOf(tab);
    const to =
      event.key === 'ArrowRight'
        ? at + 1
        : event.key === 'ArrowLeft'
          ? at - 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? tabs.tabs.length - 1
              : undefined;
    if (to !== undefined) {
      event.preventDefault();
      row.current?.querySelectorAll('a')[to]?.focus();
    } else if (event.key === 'Delete') {
      event.preventDefault();
      closeTab(tab.key);
    }
  };

  return (
    <nav className={styles['row']} aria-label="Open places">
      <ul ref={row} className={styles['list']}>
        {tabs.tabs.map((tab) => {
          const active = tab.key === tabs.active;
          const closable = tab.view.kind !== 'start' || tabs.tabs.length > 1;
          return (
            <li
              key={tab.key}
              className={styles['tab']}
              data-active={active}
              data-kept={tab.kept}
              data-closable={closable}
            >
              <a
                href={formatAddress(tab.view)}
                className={styles['link']}
                title={displayText(placeText(tab.view, sources))}
                aria-current={active ? 'page' : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  go(tab.view);
                }}
                onDoubleClick={() => keepTab(tab.key)}
                onAuxClick={(event) => {
                  if (event.button !== 1) return;
                  event.preventDefault();
                  closeTab(tab.key);
                }}
                onKeyDown={(event) => onKeyDown(event, tab)}
              >
                <TabIcon view={tab.view} />
                <bdi className={styles['title']}>{displayText(placeTitle(tab.view))}</bdi>
              </a>
              {closable && (
                <button
                  type="button"
                  tabIndex={-1}
                  className={styles['close']}
                  aria-label={`Close ${displayText(placeTitle(tab.view))}`}
                  title="Close (Delete)"
                  onClick={() => closeTab(tab.key)}
                >
                  <X size={13} aria-hidden />
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function TabIcon({ view }: { readonly view: View }): JSX.Element {
  const Icon =
    view.kind === 'start'
      ? Home
      : view.kind === 'source'
        ? Server
        : view.kind === 'repository'
          ? Package
          : Layers2;
  return <Icon size={14} strokeWidth={1.75} aria-hidden />;
}
