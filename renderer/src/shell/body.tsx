import { X } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import type { JSX, KeyboardEvent, ReactNode } from 'react';
import { Group, Panel } from 'react-resizable-panels';
import { SourcesSidebar } from '../features/sources/sources-sidebar.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { placeKey } from '../navigation/view.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { Splitter } from '../ui/splitter.tsx';
import { useColumns } from './columns.tsx';
import { InspectorColumn } from './inspector-column.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { TabsRow } from './tabs-row.tsx';
import { useLogError } from './use-log.ts';
import { WorkArea } from './work-area.tsx';
import styles from './body.module.css';

/** The three columns: sources, work, inspector. In a narrow window the side ones are drawers over the work. */
export function Body(): JSX.Element {
  const { view } = useNavigation();
  const { sources, inspector } = useColumns();
  const logError = useLogError();
  const hasInspector = view.kind === 'repository' || view.kind === 'artifact';
  const log = (error: Error, componentStack: string): void =>
    logError(error.message, `${error.stack ?? ''}\n${componentStack}`);

  const inspectorPane = (
    <ErrorBoundary resetKey={placeKey(view)} onError={log}>
      <InspectorColumn />
    </ErrorBoundary>
  );
  return (
    <div className={styles['body']}>
      <Group orientation="horizontal" className={styles['group']}>
        {sources.form === 'column' && sources.shown && (
          <>
            <Panel
              id="sources"
              defaultSize={sources.width}
              minSize={160}
              maxSize={420}
              groupResizeBehavior="preserve-pixel-size"
              onResize={({ inPixels }) => sources.setWidth(inPixels)}
            >
              <aside className={styles['sources']} aria-label="Sources">
                <SourcesSidebar />
              </aside>
            </Panel>
            <Splitter label="Width of the sources" />
          </>
        )}
        <Panel id="work" minSize={360}>
          <main className={styles['work']}>
            <TabsRow />
            <div className={styles['view']}>
              <ErrorBoundary resetKey={placeKey(view)} onError={log}>
                <Suspense fallback={<Waiting />}>
                  <WorkArea onPeek={inspector.toggle} />
                </Suspense>
              </ErrorBoundary>
            </div>
          </main>
        </Panel>
        {inspector.form === 'column' && inspector.shown && hasInspector && (
          <>
            <Splitter label="Width of the inspector" />
            <Panel
              id="inspector"
              defaultSize={inspector.width}
              minSize={260}
              maxSize={640}
              groupResizeBehavior="preserve-pixel-size"
              onResize={({ inPixels }) => inspector.setWidth(inPixels)}
            >
              <div className={styles['inspector']}>{inspectorPane}</div>
            </Panel>
          </>
        )}
      </Group>
      {sources.form === 'drawer' && sources.shown && (
        <Drawer side="left" label="the sources" onClose={sources.hide}>
          <aside className={styles['sources']} aria-label="Sources">
            <SourcesSidebar onOpened={sources.hide} />
          </aside>
        </Drawer>
      )}
      {inspector.form === 'drawer' && inspector.shown && hasInspector && (
        <Drawer side="right" label="the inspector" onClose={inspector.hide}>
          {inspectorPane}
        </Drawer>
      )}
    </div>
  );
}

interface DrawerProps {
  readonly side: 'left' | 'right';
  /** What closing it closes: "sources". */
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A column that lies over the work area; the work stays usable beside it. Escape closes it. */
function Drawer({ side, label, onClose, children }: DrawerProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);

  // The sources are opened to be used; the inspector is looked at while the selection moves on.
  useEffect(() => {
    if (side === 'left') box.current?.querySelector<HTMLElement>('[role="tree"]')?.focus();
  }, [side]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    onClose();
  };
  return (
    <div ref={box} className={styles['drawer']} data-side={side} onKeyDown={onKeyDown}>
      {children}
      <div className={styles['closeDrawer']}>
        <IconButton
          size="small"
          label={`Close ${label}`}
          icon={<X size={15} aria-hidden />}
          onClick={onClose}
        />
      </div>
    </div>
  );
}

function Waiting(): JSX.Element {
  return (
    <div className={styles['waiting']}>
      <Spinner size={18} label="Loading" />
    </div>
  );
}
