import { Info, TriangleAlert, X } from 'lucide-react';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { ForeignText } from '../ui/foreign-text.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import styles from './notices.module.css';

/** How long a notice stays when nobody looks at it, in milliseconds. */
const STAY = 12_000;
/** Notices on screen at once; older ones go first. */
const NOTICE_LIMIT = 4;

/** A quiet word at the edge of the window, about something that no view shows. */
export interface Notice {
  readonly tone: 'info' | 'warn';
  /** Whom it is from: the name of a registry. */
  readonly from?: string;
  /** May come from outside. */
  readonly text: string;
  /** What can be done about it, as long as the notice stays. */
  readonly action?: NoticeAction;
}

interface NoticeAction {
  /** One word: "Undo". */
  readonly label: string;
  readonly run: () => void;
}

interface ShownNotice extends Notice {
  readonly id: number;
}

interface Notices {
  readonly notices: readonly ShownNotice[];
  readonly notify: (notice: Notice) => void;
  readonly dismiss: (id: number) => void;
}

const NoticesContext = createContext<Notices>({
  notices: [],
  notify: () => undefined,
  dismiss: () => undefined,
});

/** Shows a notice. The same words from the same place are shown once in the life of the window. */
export function useNotify(): (notice: Notice) => void {
  return use(NoticesContext).notify;
}

export function NoticesProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [notices, setNotices] = useState<readonly ShownNotice[]>([]);
  const said = useRef(new Set<string>());
  const nextId = useRef(1);

  const notify = useCallback((notice: Notice) => {
    const key = JSON.stringify([notice.from, notice.text]);
    if (notice.tone === 'warn' && said.current.has(key)) return;
    said.current.add(key);
    const id = nextId.current++;
    setNotices((before) =>
      [...before.filter((each) => each.text !== notice.text), { ...notice, id }].slice(-NOTICE_LIMIT),
    );
  }, []);
  const dismiss = useCallback(
    (id: number) => setNotices((before) => before.filter((each) => each.id !== id)),
    [],
  );

  const value = useMemo(() => ({ notices, notify, dismiss }), [notices, notify, dismiss]);
  return <NoticesContext value={value}>{children}</NoticesContext>;
}

/** Where notices stand: above the foot bar, at the right. */
export function NoticeArea(): JSX.Element {
  const { notices, dismiss } = use(NoticesContext);
  return (
    <div className={styles['area']} role="status" aria-label="Notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onDismiss={() => dismiss(notice.id)} />
      ))}
    </div>
  );
}

function NoticeCard({
  notice,
  onDismiss,
}: {
  readonly notice: ShownNotice;
  readonly onDismiss: () => void;
}): JSX.Element {
  const [held, setHeld] = useState(false);
  const dismiss = useRef(onDismiss);
  useEffect(() => {
    dismiss.current = onDismiss;
  });
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => dismiss.current(), STAY);
    return () => clearTimeout(timer);
  }, [held]);

  const Icon = notice.tone === 'warn' ? TriangleAlert : Info;
  const { action } = notice;
  return (
    <div
      className={styles['notice']}
      data-tone={notice.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <div className={styles['words']}>
        {notice.from !== undefined && <ForeignText className={styles['from']} text={notice.from} />}
        <ForeignText text={notice.text} />
        {action !== undefined && (
          <Button
            className={styles['action']}
            onClick={() => {
              onDismiss();
              action.run();
            }}
          >
            {action.label}
          </Button>
        )}
      </div>
      <IconButton size="small" label="Dismiss" icon={<X size={14} aria-hidden />} onClick={onDismiss} />
    </div>
  );
}
