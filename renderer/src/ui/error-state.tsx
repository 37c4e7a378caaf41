import {
  Clock,
  CloudOff,
  FileWarning,
  FileX2,
  Hourglass,
  KeyRound,
  Lock,
  PlugZap,
  SearchX,
  ShieldX,
  TriangleAlert,
  Wrench,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import type { ErrorCode, ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { displayText } from '../../../shared/display/display-text.ts';
import { CopyButton } from './copy-button.tsx';
import { EmptyState } from './empty-state.tsx';
import styles from './error-state.module.css';

interface ErrorLook {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly tone: 'calm' | 'warn' | 'bad';
}

/** A picture of its own for each way in which something fails: what is offline does not look like what is denied. */
const LOOKS: Readonly<Record<ErrorCode, ErrorLook>> = {
  INVALID_INPUT: { icon: Wrench, title: 'Tallyman asked wrongly', tone: 'bad' },
  INVALID_REFERENCE: { icon: SearchX, title: 'Not a reference', tone: 'calm' },
  NOT_FOUND: { icon: SearchX, title: 'Not there', tone: 'calm' },
  UNAUTHORIZED: { icon: KeyRound, title: 'Signing in is needed', tone: 'warn' },
  DENIED: { icon: Lock, title: 'No right to look here', tone: 'warn' },
  UNREACHABLE: { icon: CloudOff, title: 'Cannot be reached', tone: 'warn' },
  TLS: { icon: ShieldX, title: 'The certificate does not hold', tone: 'bad' },
  TIMEOUT: { icon: Clock, title: 'No answer in time', tone: 'warn' },
  RATE_LIMITED: { icon: Hourglass, title: 'Too many requests', tone: 'warn' },
  UNSUPPORTED: { icon: PlugZap, title: 'Cannot be asked here', tone: 'calm' },
  PROTOCOL: { icon: FileWarning, title: 'That is no registry answer', tone: 'bad' },
  REGISTRY_ERROR: { icon: TriangleAlert, title: 'The registry failed', tone: 'bad' },
  OUTBOUND_REFUSED: { icon: ShieldX, title: 'Not followed', tone: 'bad' },
  DIGEST_MISMATCH: { icon: FileX2, title: 'The content is not what was named', tone: 'bad' },
  SIZE_MISMATCH: { icon: FileX2, title: 'The content has another size than named', tone: 'bad' },
  MEDIA_TYPE_MISMATCH: { icon: FileWarning, title: 'The type is not what was named', tone: 'bad' },
  AMBIGUOUS: { icon: FileX2, title: 'Refused: it can be read in two ways', tone: 'bad' },
  MALFORMED: { icon: FileX2, title: 'Malformed', tone: 'bad' },
  LIMIT: { icon: Hourglass, title: 'A limit was reached', tone: 'warn' },
  MISSING: { icon: FileX2, title: 'Missing', tone: 'bad' },
  NOT_A_LAYOUT: { icon: SearchX, title: 'No image layout', tone: 'calm' },
  LAYOUT_VERSION: { icon: FileWarning, title: 'A newer layout', tone: 'warn' },
  UNREADABLE: { icon: Lock, title: 'Cannot be read', tone: 'warn' },
  CONFLICT: { icon: TriangleAlert, title: 'Changed meanwhile', tone: 'warn' },
  CANCELLED: { icon: SearchX, title: 'Cancelled', tone: 'calm' },
  INTERNAL: { icon: Wrench, title: 'A fault of Tallyman', tone: 'bad' },
};

interface ErrorStateProps {
  readonly error: ErrorData;
  /** Replaces the title that the code gives. */
  readonly title?: ReactNode;
  /** Buttons for the next step: "Try again", "Sign in…". */
  readonly actions?: ReactNode;
}

/** A failure in place of content: what was tried, what came back, what to do next. */
export function ErrorState({ error, title, actions }: ErrorStateProps): JSX.Element {
  const { icon: Icon, title: usual, tone } = LOOKS[error.code];
  return (
    <EmptyState
      icon={<Icon size={26} strokeWidth={1.5} aria-hidden />}
      title={title ?? usual}
      tone={tone}
      role="alert"
      actions={actions}
    >
      <p data-selectable>
        <bdi>{displayText(error.message)}</bdi>
      </p>
      {error.hint !== undefined && (
        <p className={styles['hint']} data-selectable>
          <bdi>{displayText(error.hint)}</bdi>
        </p>
      )}
    </EmptyState>
  );
}

/** The same in one or two lines, for a place inside a list or a panel. */
export function ErrorLine({ error, actions }: ErrorStateProps): JSX.Element {
  const { icon: Icon, tone } = LOOKS[error.code];
  return (
    <div className={styles['line']} data-tone={tone} role="alert">
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <div className={styles['words']} data-selectable>
        <bdi>{displayText(error.message)}</bdi>{' '}
        {error.hint !== undefined && <bdi className={styles['dim']}>{displayText(error.hint)}</bdi>}
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </div>
      <CopyButton text={errorText(error)} label="Copy the error" />
    </div>
  );
}

function errorText(error: ErrorData): string {
  const details = Object.entries(error.details ?? {}).map(([name, value]) => `${name}: ${value}`);
  return [`${error.code}: ${error.message}`, error.hint ?? '', ...details]
    .filter((line) => line !== '')
    .join('\n');
}
