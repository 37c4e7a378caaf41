import { ChevronDown, CircleAlert, Info } from 'lucide-react';
import { useState, type JSX, type ReactNode } from 'react';
import type { GraphLookup } from '../../../../shared/contract/graph.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { shortDigest } from '../../../../shared/oci/digest.ts';
import { Button } from '../../ui/button.tsx';
import type { WalkState } from './walk/graph-walk.ts';
import styles from './artifact-view.module.css';

interface WalkNoticesProps {
  readonly state: WalkState;
  readonly onReload: () => void;
  readonly onSelect: (digest: string) => void;
}

const SOURCE_NAMES: Readonly<Record<GraphLookup['source'], string>> = {
  'referrers-api': 'referrers API',
  'fallback-tag': 'fallback tag',
  'cosign-tag': 'cosign tags',
  'layout-link': 'layout links',
};

/** What the picture does not show by itself: that something could not be asked, that a limit ended it, that it broke off. */
export function WalkNotices({ state, onReload, onSelect }: WalkNoticesProps): JSX.Element | null {
  const { model, summary, error, phase } = state;
  const lookups = [...model.lookups.values()];
  const failed = lookups.filter((lookup) => lookup.outcome === 'failed');
  const unsupported = [
    ...new Set(lookups.filter((lookup) => lookup.outcome === 'unsupported').map((lookup) => lookup.source)),
  ];
  const again = <Button onClick={onReload}>Look again</Button>;
  return (
    <>
      {phase === 'failed' && error !== undefined && model.nodes.size > 0 && (
        <Notice tone="bad" action={again}>
          The walk broke off, this is what had come: <bdi>{displayText(error.message)}</bdi>{' '}
          {error.hint !== undefined && <bdi>{displayText(error.hint)}</bdi>}
        </Notice>
      )}
      {failed.length > 0 && (
        <FailedLookups
          failed={failed}
          state={state}
          action={phase === 'walking' ? undefined : again}
          onSelect={onSelect}
        />
      )}
      {summary?.limits.map((limit) => (
        <Notice key={limit.name} tone="warn">
          <bdi>{displayText(limit.message)}</bdi>
        </Notice>
      ))}
      {unsupported.length > 0 && (
        <Notice tone="info">
          {listWords(unsupported.map((name) => SOURCE_NAMES[name]))}: not supported here.{' '}
          {unsupported.includes('referrers-api') && 'Referrers were looked up by their fallback tags.'}
        </Notice>
      )}
    </>
  );
}

interface FailedLookupsProps {
  readonly failed: readonly GraphLookup[];
  readonly state: WalkState;
  readonly action: ReactNode;
  readonly onSelect: (digest: string) => void;
}

/** "Could not look" never reads as "none": which source of which node, and why, with a way to try again. */
function FailedLookups({ failed, state, action, onSelect }: FailedLookupsProps): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Notice tone="warn" action={action}>
      Could not look everywhere:{' '}
      {failed.length === 1 ? 'one lookup' : `${failed.length.toLocaleString('en')} lookups`} failed, so more
      may be attached than is shown.{' '}
      <button type="button" className={styles['more']} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide' : 'Which'} <ChevronDown size={12} aria-hidden />
      </button>
      {open && (
        <ul className={styles['lookups']}>
          {failed.map((lookup) => (
            <li key={`${lookup.subject} ${lookup.source}`}>
              <button type="button" className={styles['more']} onClick={() => onSelect(lookup.subject)}>
                <bdi>
                  {displayText(state.model.nodes.get(lookup.subject)?.title ?? shortDigest(lookup.subject))}
                </bdi>
              </button>
              , {SOURCE_NAMES[lookup.source]}:{' '}
              <bdi>
                {displayText(
                  [
                    lookup.error?.message ?? lookup.reason ?? 'no reason given',
                    lookup.error?.hint ?? '',
                  ].join(' '),
                )}
              </bdi>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

interface NoticeProps {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Notice({ tone, action, children }: NoticeProps): JSX.Element {
  const Icon = tone === 'info' ? Info : CircleAlert;
  return (
    <div className={styles['notice']} data-tone={tone} role="status">
      <Icon size={15} aria-hidden />
      <div className={styles['noticeText']}>{children}</div>
      {action}
    </div>
  );
}

function listWords(words: readonly string[]): string {
  const text = words.join(' and ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
