import { OctagonAlert, TriangleAlert } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import type { NodeState } from '../../../../shared/contract/graph-words.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import styles from './inspector.module.css';

const TITLES: Partial<Readonly<Record<NodeState, string>>> = {
  missing: 'Missing',
  damaged: 'Damaged: not what was named',
  refused: 'Refused: do not trust this document',
  failed: 'Could not look',
  limited: 'Not read: over a limit',
};

interface NodeTroubleProps {
  readonly state: NodeState;
  readonly error: ErrorData | undefined;
  readonly actions?: ReactNode;
}

/** What is wrong with a node: named, with what was expected and what was there, and the next step. Nothing when all is well. */
export function NodeTrouble({ state, error, actions }: NodeTroubleProps): JSX.Element | null {
  const title = TITLES[state];
  if (title === undefined) return null;
  const isBad = state === 'missing' || state === 'damaged' || state === 'refused';
  const Icon = isBad ? OctagonAlert : TriangleAlert;
  return (
    <div className={styles['trouble']} data-tone={isBad ? 'bad' : 'warn'} role="alert">
      <Icon size={16} aria-hidden />
      <div className={styles['troubleText']} data-selectable>
        <strong>{title}</strong>
        {error !== undefined && (
          <p>
            <bdi>{displayText(error.message)}</bdi>
          </p>
        )}
        <Difference error={error} />
        {error?.hint !== undefined && (
          <p className={styles['dim']}>
            <bdi>{displayText(error.hint)}</bdi>
          </p>
        )}
        {actions !== undefined && <div className={styles['troubleActions']}>{actions}</div>}
      </div>
    </div>
  );
}

/** What was named beside what came, below each other so that the eye finds the difference. */
function Difference({ error }: { readonly error: ErrorData | undefined }): JSX.Element | null {
  const expected = error?.details?.['expected'];
  const actual = error?.details?.['actual'];
  if (expected === undefined || actual === undefined) return null;
  return (
    <dl className={styles['difference']}>
      <dt>Expected</dt>
      <dd>
        <bdi>{valueText(expected)}</bdi>
      </dd>
      <dt>Real</dt>
      <dd>
        <bdi>{valueText(actual)}</bdi>
      </dd>
    </dl>
  );
}

function valueText(value: string | number | boolean): string {
  return typeof value === 'number' ? `${value.toLocaleString('en')} bytes` : displayText(String(value));
}
