import { useState, type JSX } from 'react';
import type { Description } from '../../../../../shared/contract/content.ts';
import type { NodeState } from '../../../../../shared/contract/graph-words.ts';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { shortDigest } from '../../../../../shared/oci/digest.ts';
import type { Inspected } from '../../../inspection/inspection.tsx';
import { DragOut } from '../../../moving/drag-out.tsx';
import { Size } from '../../../ui/size.tsx';
import { StateIcon } from '../../../ui/state-icon.tsx';
import { wishOfLink } from '../dragged-wish.ts';
import type { Follow } from '../use-follow.ts';
import { anchorProps } from './anchor-props.ts';
import { MoreButton, FIRST_ROWS } from './more-button.tsx';
import styles from '../inspector.module.css';

interface PartsProps {
  readonly title: string;
  readonly links: Description['links'];
  readonly follow: Follow;
  /** The node of the document. What the view around knows of its parts is said here too: missing, damaged. */
  readonly inspected: Inspected;
}

/** What the document names, in its order: config and layers, or the manifests of an index. */
export function Parts({ title, links, follow, inspected }: PartsProps): JSX.Element {
  const [shown, setShown] = useState(FIRST_ROWS);
  return (
    <section>
      <h3>
        {title} <span className={styles['dim']}>{links.length.toLocaleString('en')}</span>
      </h3>
      <ol className={styles['list']}>
        {links.slice(0, shown).map((link, index) => (
          // One digest may stand in a manifest twice.
          <li key={`${index} ${link.digest}`}>
            <div className={styles['part']}>
              <a className={styles['listLink']} {...anchorProps(follow, link)}>
                <bdi className={styles['role']}>{displayText(link.role)}</bdi>
                {link.title === undefined ? (
                  <code className={styles['listName']}>{displayText(shortDigest(link.digest))}</code>
                ) : (
                  <bdi className={styles['listName']}>{displayText(link.title)}</bdi>
                )}
                <PartState state={inspected.known?.get(link.digest)?.state} />
                <span className={styles['listSize']}>
                  <Size bytes={link.size} />
                </span>
              </a>
              <PartHandle inspected={inspected} link={link} />
            </div>
            <bdi className={styles['listType']}>{displayText(link.mediaType)}</bdi>
          </li>
        ))}
      </ol>
      <MoreButton total={links.length} shown={shown} onMore={setShown} />
    </section>
  );
}

function PartHandle({
  inspected,
  link,
}: {
  readonly inspected: Inspected;
  readonly link: Description['links'][number];
}): JSX.Element | null {
  const wish = wishOfLink(inspected, link);
  return wish === undefined ? null : <DragOut wish={wish} />;
}

/** Nothing for what is there, or was not looked at because nobody needs it yet. */
function PartState({ state }: { readonly state: NodeState | undefined }): JSX.Element | null {
  if (state === undefined || state === 'ok' || state === 'unchecked') return null;
  return <StateIcon state={state} />;
}
