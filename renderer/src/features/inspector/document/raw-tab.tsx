import { Download } from 'lucide-react';
import { lazy, Suspense, useMemo, useState, type JSX } from 'react';
import { useClient } from '../../../client/client-context.ts';
import { toErrorData, type ErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import type { Content } from '../../../../../shared/contract/content.ts';
import type { Inspected } from '../../../inspection/inspection.tsx';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { ErrorLine } from '../../../ui/error-state.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { nodeAddress } from '../node-address.ts';
import { useContent } from '../use-node-content.ts';
import { DocumentFrame, DocumentSkeleton } from './document-frame.tsx';
import { bytesOfBase64 } from './hex-rows.ts';
import { HexView } from './hex-view.tsx';
import { proposedFileName } from './proposed-file-name.ts';
import styles from './document.module.css';

const CodeView = lazy(() => import('./code-view.tsx').then((module) => ({ default: module.CodeView })));

/** Bytes of a text that are shown as hex: what a person looks at the beginning for. */
const HEX_LIMIT = 64 * 1024;

/** The bytes as they came: as text where they are text, as hex always, and into a file. */
export function RawTab({ inspected }: { readonly inspected: Inspected }): JSX.Element {
  const query = useContent(nodeAddress(inspected), inspected.node.state !== 'pending');
  const [wanted, setWanted] = useState<'text' | 'hex'>('text');
  return (
    <DocumentFrame
      inspected={inspected}
      query={query}
      tools={(content) => (
        <>
          {content.text !== undefined && (
            <>
              <Segmented
                label="Show the bytes"
                value={wanted}
                options={[
                  { id: 'text', label: 'Text' },
                  { id: 'hex', label: 'Hex' },
                ]}
                onChange={setWanted}
              />
              <CopyButton text={content.text} label="Copy the text" />
            </>
          )}
          <SaveButton inspected={inspected} />
        </>
      )}
    >
      {(content) => <RawContent content={content} asText={content.text !== undefined && wanted === 'text'} />}
    </DocumentFrame>
  );
}

function RawContent({
  content,
  asText,
}: {
  readonly content: Content;
  readonly asText: boolean;
}): JSX.Element {
  const { text, bytes } = content;
  const shown = useMemo(() => {
    if (asText) return undefined;
    return text === undefined
      ? bytesOfBase64(bytes ?? '')
      : new TextEncoder().encode(text.slice(0, HEX_LIMIT)).subarray(0, HEX_LIMIT);
  }, [asText, text, bytes]);
  if (shown !== undefined) return <HexView bytes={shown} />;
  return (
    <Suspense fallback={<DocumentSkeleton />}>
      <CodeView
        label="Text as received"
        text={text ?? ''}
        language="plain"
        links={NO_LINKS}
        targetOf={nowhere}
        follow={nothing}
      />
    </Suspense>
  );
}

const NO_LINKS = [] as const;
function nowhere(): { href: string; title: string } {
  return { href: '', title: '' };
}
function nothing(): void {
  // Plain text has no links to follow.
}

/** Saves the whole content. The address is good for one time, so it is asked for when it is used. */
function SaveButton({ inspected }: { readonly inspected: Inspected }): JSX.Element {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();

  const save = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const fileName = proposedFileName(inspected.node);
      const { path } = await client.call('content.saveAddress', { ...nodeAddress(inspected), fileName });
      const link = document.createElement('a');
      link.href = path;
      link.download = fileName;
      link.click();
    } catch (failure) {
      setError(toErrorData(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Button
        className={styles['save']}
        icon={<Download size={14} aria-hidden />}
        disabled={busy}
        onClick={() => void save()}
      >
        Save…
      </Button>
      {error !== undefined && (
        <div className={styles['saveError']}>
          <ErrorLine error={error} />
        </div>
      )}
    </>
  );
}
