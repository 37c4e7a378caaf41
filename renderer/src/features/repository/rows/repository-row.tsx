import { CircleAlert, CornerDownRight, Minus, Unplug } from 'lucide-react';
import { memo, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import type { RowDetails } from '../../../../../shared/contract/repository.ts';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { kindName } from '../../../../../shared/display/kind-name.ts';
import type { ErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import { shortDigest } from '../../../../../shared/oci/digest.ts';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import { Size } from '../../../ui/size.tsx';
import { Time } from '../../../ui/time.tsx';
import type { Row } from '../model/row.ts';
import type { RowStore } from '../model/row-store.ts';
import { attachedFamilies } from './attached-families.ts';
import { TagChips } from './tag-chips.tsx';
import styles from './repository-row.module.css';

interface RepositoryRowProps {
  readonly id: string;
  readonly row: Row;
  readonly store: RowStore;
  /** Position in the table, the head being 1. */
  readonly position: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly selected: boolean;
  readonly onSelect: (row: Row) => void;
  readonly onOpen: (
    row: Row,
    what: { readonly tag?: string; readonly digest?: string },
    keep: boolean,
  ) => void;
  readonly onMenu: (row: Row) => void;
  readonly onDrag: (row: Row, transfer: DataTransfer) => void;
}

/** One digest with its tags, or one tag whose digest is still to come. */
export const RepositoryRow = memo(function RepositoryRow(props: RepositoryRowProps): JSX.Element {
  const { id, row, store, position, top, selected, onSelect, onOpen, onMenu, onDrag } = props;
  const first = row.tags[0];
  const resolved = useSyncExternalStore(store.subscribe, () =>
    first === undefined ? undefined : store.resolved(first),
  );
  const digest = row.digest ?? resolved?.digest;
  const details = useSyncExternalStore(store.subscribe, () =>
    digest === undefined ? undefined : store.details(digest),
  );
  const error = resolved?.error ?? (details?.mediaType === '' ? details.error : undefined);

  return (
    <div
      id={id}
      role="row"
      aria-rowindex={position}
      aria-selected={selected}
      className={styles['row']}
      data-selected={selected}
      data-companion={row.companion}
      style={{ transform: `translateY(${top}px)` }}
      draggable
      onDragStart={(event) => onDrag(row, event.dataTransfer)}
      onMouseDown={() => onSelect(row)}
      onDoubleClick={() => onOpen(row, whatToOpen(row, digest), false)}
      onContextMenu={() => onMenu(row)}
    >
      <div
        role="gridcell"
        className={styles['sign']}
        data-waiting={details === undefined && error === undefined ? true : undefined}
        aria-label={details === undefined ? 'Kind not read yet' : kindName(details.kind)}
      >
        {error !== undefined ? (
          <CircleAlert size={16} strokeWidth={1.75} aria-hidden className={styles['bad']} />
        ) : (
          details !== undefined && <KindIcon kind={details.kind} decorative />
        )}
      </div>
      <div role="gridcell" className={styles['tags']}>
        {row.companion && <CornerDownRight size={13} aria-hidden className={styles['below']} />}
        <TagChips tags={row.tags} onOpen={(tag, keep) => onOpen(row, { tag }, keep)} />
      </div>
      <div
        role="gridcell"
        className={styles['digest']}
        data-waiting={digest === undefined && error === undefined ? true : undefined}
      >
        {digest !== undefined && (
          <button
            type="button"
            tabIndex={-1}
            className={styles['link']}
            title={displayText(digest)}
            onClick={(event) => onOpen(row, { digest }, event.ctrlKey || event.metaKey)}
          >
            <bdi>{displayText(shortDigest(digest))}</bdi>
          </button>
        )}
      </div>
      {error === undefined ? <Facts details={details} /> : <Problem error={error} />}
    </div>
  );
});

/** What to open when nothing in the row was pointed at: its tag where it has one, else its digest. */
export function whatToOpen(
  row: Row,
  digest: string | undefined,
): { readonly tag?: string; readonly digest?: string } {
  const [tag] = row.tags;
  if (tag !== undefined) return { tag };
  return digest === undefined ? {} : { digest };
}

/** The cells behind the digest; while nothing is known of them the style sheet draws their places. */
function Facts({ details }: { readonly details: RowDetails | undefined }): JSX.Element {
  const waiting = details === undefined ? true : undefined;
  return (
    <>
      <div role="gridcell" className={styles['what']} data-waiting={waiting}>
        {details !== undefined && (
          <bdi title={displayText(typeOf(details))}>{displayText(shortType(details.what))}</bdi>
        )}
      </div>
      <div role="gridcell" className={styles['size']} data-waiting={waiting}>
        {details !== undefined && <Size bytes={details.size} />}
      </div>
      <div role="gridcell" className={styles['created']} data-waiting={waiting}>
        {details !== undefined &&
          (details.created === undefined ? <Dash label="No date" /> : <Time value={details.created} />)}
      </div>
      <div role="gridcell" className={styles['attached']} data-waiting={waiting}>
        {details !== undefined && <Attached details={details} />}
      </div>
    </>
  );
}

/** What is attached, by kind. "None", "not all" and "could not look" are three different signs. */
function Attached({ details }: { readonly details: RowDetails }): JSX.Element {
  const { attached, attachedError } = details;
  return (
    <>
      {attachedFamilies(attached ?? []).map(({ kind, count, words }) => (
        <span key={kind} className={styles['count']} title={words.join('\n')}>
          <KindIcon kind={kind} size={13} />
          {count}
        </span>
      ))}
      {attached?.length === 0 && attachedError === undefined && <Dash label="Nothing attached" />}
      {attachedError !== undefined && (
        <span
          className={styles['unknown']}
          title={displayText(`${attachedError.message} ${attachedError.hint ?? ''}`)}
        >
          <Unplug size={13} aria-hidden />
          {attached === undefined || attached.length === 0 ? 'Could not look' : 'Perhaps more'}
        </span>
      )}
    </>
  );
}

function Dash({ label }: { readonly label: string }): JSX.Element {
  return <Minus size={14} role="img" aria-label={label} className={styles['dash']} />;
}

function Problem({ error }: { readonly error: ErrorData }): JSX.Element {
  const text = displayText(error.message);
  return (
    <div
      role="gridcell"
      className={styles['problem']}
      title={displayText(`${error.message} ${error.hint ?? ''}`)}
    >
      <bdi>{text}</bdi>
    </div>
  );
}

/** A type string without what most of them begin with; other words as they are. The whole is in the tooltip. */
function shortType(what: string): string {
  return what.startsWith('application/') ? what.slice('application/'.length) : what;
}

function typeOf({ artifactType, mediaType }: RowDetails): string {
  return artifactType ?? mediaType;
}
