import { lazy, Suspense, useState, type JSX } from 'react';
import type { Content } from '../../../../../shared/contract/content.ts';
import type { Inspected } from '../../../inspection/inspection.tsx';
import { useNavigation } from '../../../navigation/navigation-context.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { nodeAddress } from '../node-address.ts';
import { useContent } from '../use-node-content.ts';
import { useFollow } from '../use-follow.ts';
import { DocumentFrame, DocumentSkeleton } from './document-frame.tsx';
import type { DocumentForm } from './prepare-json.ts';
import { usePreparedJson } from './use-prepared-json.ts';
import styles from './document.module.css';

const CodeView = lazy(() => import('./code-view.tsx').then((module) => ({ default: module.CodeView })));

/** The document as navigation: every digest, and the type of everything that has one, leads there. */
export function JsonTab({ inspected }: { readonly inspected: Inspected }): JSX.Element {
  const query = useContent(nodeAddress(inspected), inspected.node.state !== 'pending');
  const [form, setForm] = useState<DocumentForm>('formatted');
  return (
    <DocumentFrame
      inspected={inspected}
      query={query}
      tools={(content) =>
        content.form === 'json' && (
          <>
            <Segmented
              label="Show the JSON"
              value={form}
              options={[
                { id: 'formatted', label: 'Formatted', title: 'Blanks moved, nothing else changed' },
                { id: 'as-received', label: 'As received' },
              ]}
              onChange={setForm}
            />
            <CopyButton text={content.text ?? ''} label="Copy the document as received" />
          </>
        )
      }
    >
      {(content) =>
        content.form === 'json' ? (
          <JsonDocument inspected={inspected} text={content.text ?? ''} form={form} />
        ) : (
          <NoJson content={content} />
        )
      }
    </DocumentFrame>
  );
}

interface JsonDocumentProps {
  readonly inspected: Inspected;
  readonly text: string;
  readonly form: DocumentForm;
}

function JsonDocument({ inspected, text, form }: JsonDocumentProps): JSX.Element {
  const prepared = usePreparedJson(text, form);
  const { follow, targetOf } = useFollow(inspected);
  if (prepared === undefined) return <DocumentSkeleton />;
  return (
    <Suspense fallback={<DocumentSkeleton />}>
      <CodeView
        label="JSON document"
        text={prepared.text}
        language="json"
        links={prepared.links}
        targetOf={targetOf}
        follow={follow}
      />
    </Suspense>
  );
}

function NoJson({ content }: { readonly content: Content }): JSX.Element {
  const { view, go } = useNavigation();
  const canSwitch = view.kind === 'artifact' || view.kind === 'repository';
  return (
    <div className={styles['noJson']}>
      <EmptyState
        title="Not JSON"
        actions={
          canSwitch && (
            <Button onClick={() => go({ ...view, tab: 'raw' }, { replace: true })}>Show it raw</Button>
          )
        }
      >
        {content.form === 'text' ? 'The content is text that is no JSON document.' : 'The content is binary.'}
      </EmptyState>
    </div>
  );
}
