import { useLayoutEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { parseCompanionTag } from '../../../../../shared/oci/referrers-tag.ts';
import styles from './tag-chips.module.css';

interface TagChipsProps {
  readonly tags: readonly string[];
  readonly onOpen: (tag: string, keep: boolean) => void;
}

/** Chips that are laid out at all; with more tags the count says how many there are. */
const CHIPS = 8;

/** The tags of a row as chips, as many as fit; "+n" for the rest, whose names are in its tooltip. */
export function TagChips({ tags, onOpen }: TagChipsProps): JSX.Element {
  const [only] = tags;
  if (only === undefined) return <span className={styles['none']}>no tag</span>;
  if (tags.length > 1) return <ManyTags tags={tags} onOpen={onOpen} />;
  return (
    <div className={styles['chips']}>
      <TagChip tag={only} onOpen={onOpen} />
    </div>
  );
}

function ManyTags({ tags, onOpen }: TagChipsProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [fitting, setFitting] = useState(tags.length);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => setFitting(countFitting(element, tags.length));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [tags]);

  const shown = Math.max(1, Math.min(fitting, CHIPS));
  const rest = tags.slice(shown);
  return (
    <div ref={box} className={styles['chips']}>
      {tags.slice(0, CHIPS).map((tag, at) => (
        <TagChip key={tag} tag={tag} hidden={at >= shown} onOpen={onOpen} />
      ))}
      {rest.length > 0 && (
        <span className={styles['more']} title={rest.map(displayText).join('\n')}>
          +{rest.length}
        </span>
      )}
    </div>
  );
}

/** Digits of a subject's digest that are shown of a companion tag. */
const SUBJECT_DIGITS = 8;

/** "sha256-9f2c1a7b….sig": of a companion tag what tells one from the other, its end above all. */
function shortenCompanion(tag: string): string {
  const companion = parseCompanionTag(tag);
  if (companion === undefined) return tag;
  const end = companion.form === 'fallback' ? '' : `.${companion.form}`;
  return `${companion.algorithm}-${companion.encoded.slice(0, SUBJECT_DIGITS)}…${end}`;
}

interface TagChipProps {
  readonly tag: string;
  /** Measured, not shown. */
  readonly hidden?: boolean;
  readonly onOpen: (tag: string, keep: boolean) => void;
}

function TagChip({ tag, hidden = false, onOpen }: TagChipProps): JSX.Element {
  const text = displayText(shortenCompanion(tag));
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles['chip']}
      data-beyond={hidden}
      aria-hidden={hidden ? true : undefined}
      title={displayText(tag)}
      onClick={(event) => onOpen(tag, event.ctrlKey || event.metaKey)}
    >
      <bdi>{text}</bdi>
    </button>
  );
}

/** Room for "+n", in pixels. */
const MORE = 34;
const GAP = 4;

function countFitting(box: HTMLElement, all: number): number {
  const room = box.clientWidth;
  let used = 0;
  let count = 0;
  for (const chip of box.querySelectorAll('button')) {
    used += chip.offsetWidth + (count === 0 ? 0 : GAP);
    const isLast = count === all - 1;
    if (used + (isLast ? 0 : GAP + MORE) > room) break;
    count++;
  }
  return count;
}
