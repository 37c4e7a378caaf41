import type { JSX, ReactNode } from 'react';
import type { Content } from '../../../../../shared/contract/content.ts';
import { formatSize } from '../../../../../shared/display/format-size.ts';
import { toErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Inspected } from '../../../inspection/inspection.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorState } from '../../../ui/error-state.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { NodeTrouble } from '../node-trouble.tsx';
import styles from './document.module.css';

interface DocumentFrameProps {
  readonly inspected: Inspected;
  readonly query: UseQueryResult<Content>;
  /** Buttons above the content, once it is there. */
  readonly tools: (content: Content) => ReactNode;
  readonly children: (content: Content) => ReactNode;
}

/** What both views of a node's bytes have around them: waiting, failure, what is wrong with them, and how much was read. */
export function DocumentFrame({ inspected, query, tools, children }: DocumentFrameProps): JSX.Element {
  const { node } = inspected;
  const again = (
    <Button onClick={() => void query.refetch()} disabled={query.isFetching}>
      Try again
    </Button>
  );
  if (query.isError) return <ErrorState error={toErrorData(query.error)} actions={again} />;
  if (node.state === 'pending' || query.data === undefined) return <DocumentSkeleton />;
  const content = query.data;
  // The walk may know better than the read: bytes that are right can still be a document that must be refused.
  const state = content.state === 'ok' && node.state === 'refused' ? node.state : content.state;
  const error = content.error ?? node.error;
  const isThere = content.text !== undefined || (content.bytes ?? '') !== '';
  return (
    <div className={styles['frame']}>
      <NodeTrouble state={state} error={error} actions={isThere ? undefined : again} />
      {isThere ? (
        <>
          <div className={styles['tools']}>{tools(content)}</div>
          {content.truncated && <Truncated content={content} />}
          {children(content)}
        </>
      ) : (
        error === undefined && <EmptyState title="Empty">This content has no bytes.</EmptyState>
      )}
    </div>
  );
}

function Truncated({ content }: { readonly content: Content }): JSX.Element {
  const shown =
    content.text === undefined ? Math.floor(((content.bytes ?? '').length * 3) / 4) : content.text.length;
  return (
    <p className={styles['truncated']} role="status">
      The first {formatSize(shown)} of {formatSize(content.size)}: only a part was read, so its digest was not
      checked. Save it to have the whole.
    </p>
  );
}

/** Lines of text that are still coming. */
export function DocumentSkeleton(): JSX.Element {
  return (
    <div className={styles['skeleton']} role="status">
      <span className="visually-hidden">Reading…</span>
      {['30%', '82%', '74%', '60%', '78%', '45%', '52%'].map((width, index) => (
        <Skeleton key={index} width={width} />
      ))}
    </div>
  );
}
