import { useState, type JSX } from 'react';
import { displayText } from '../../../../../shared/display/display-text.ts';
import type { InspectedRelation } from '../../../inspection/inspection.tsx';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import type { Follow } from '../use-follow.ts';
import { anchorProps } from './anchor-props.ts';
import { foundByWords } from './found-by.ts';
import { MoreButton, FIRST_ROWS } from './more-button.tsx';
import styles from '../inspector.module.css';

interface AttachedProps {
  readonly referrers: readonly InspectedRelation[];
  readonly follow: Follow;
}

/** What is attached to the node, with the way each was found. */
export function Attached({ referrers, follow }: AttachedProps): JSX.Element {
  const [shown, setShown] = useState(FIRST_ROWS);
  return (
    <section>
      <h3>
        Attached <span className={styles['dim']}>{referrers.length.toLocaleString('en')}</span>
      </h3>
      <ul className={styles['list']}>
        {referrers.slice(0, shown).map(({ node, vias }) => (
          <li key={node.digest}>
            <a className={styles['listLink']} {...anchorProps(follow, node)}>
              <KindIcon kind={node.kind} size={15} decorative />
              <bdi className={styles['listName']}>{displayText(node.title)}</bdi>
              <span className={styles['listNote']}>{foundByWords(vias)}</span>
            </a>
          </li>
        ))}
      </ul>
      <MoreButton total={referrers.length} shown={shown} onMore={setShown} />
    </section>
  );
}
