import { Fragment } from 'react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { formatAddress } from '../navigation/address.ts';
import { repositoryView } from '../navigation/view.ts';
import type { View } from '../navigation/view.ts';
import { sourceName } from './source-name.ts';
import { viewOfSource } from './view-of-place.ts';
import styles from './place-breadcrumb.module.css';

interface PlaceBreadcrumbProps {
  readonly view: Exclude<View, { kind: 'start' }>;
  /** More at its end: a digest behind the tag. */
  readonly children?: ReactNode;
}

/** Where the view is: "registry.acme.example / team/app : 1.8.2"; all but the last part lead there. */
export function PlaceBreadcrumb({ view, children }: PlaceBreadcrumbProps): JSX.Element {
  const source = view.kind === 'source' ? view.source : view.target.source;
  const repository = view.kind === 'source' ? undefined : view.target.repository;
  const parts: { readonly text: string; readonly to: View; readonly before: string }[] = [
    { text: sourceName(source), to: viewOfSource(source), before: '' },
  ];
  if (repository !== undefined)
    parts.push({ text: repository, to: repositoryView({ source, repository }), before: '/' });
  const last = view.kind === 'artifact' ? (view.tag ?? '') : '';

  return (
    <nav className={styles['breadcrumb']} aria-label="Place">
      {parts.map((part, at) => {
        const isHere = view.kind !== 'artifact' && at === parts.length - 1;
        return (
          <Fragment key={part.before}>
            {part.before !== '' && <span className={styles['separator']}>{part.before}</span>}
            {isHere ? (
              <h1 className={styles['here']} title={displayText(part.text)}>
                <bdi>{displayText(part.text)}</bdi>
              </h1>
            ) : (
              <a
                className={styles['part']}
                data-strong={part.before !== ''}
                href={formatAddress(part.to)}
                title={displayText(part.text)}
              >
                <bdi>{displayText(part.text)}</bdi>
              </a>
            )}
          </Fragment>
        );
      })}
      {last !== '' && (
        <>
          <span className={styles['separator']}>:</span>
          <h1 className={styles['here']} title={displayText(last)}>
            <bdi>{displayText(last)}</bdi>
          </h1>
        </>
      )}
      {children}
    </nav>
  );
}
