import type { JSX, ReactNode } from 'react';
import type { Description } from '../../../../../shared/contract/content.ts';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { predicateName } from '../../../../../shared/display/predicate-name.ts';
import { toErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import { formatPlatform } from '../../../../../shared/oci/platform.ts';
import type { Inspected, InspectedRelation } from '../../../inspection/inspection.tsx';
import { DragOut } from '../../../moving/drag-out.tsx';
import { Button } from '../../../ui/button.tsx';
import { Chip } from '../../../ui/chip.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { ErrorLine } from '../../../ui/error-state.tsx';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import { Size } from '../../../ui/size.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { wishOfNode } from '../dragged-wish.ts';
import { nodeAddress } from '../node-address.ts';
import { NodeTrouble } from '../node-trouble.tsx';
import { useDescription } from '../use-node-content.ts';
import { useFollow, type Follow } from '../use-follow.ts';
import { anchorProps } from './anchor-props.ts';
import { AnnotationTable } from './annotation-table.tsx';
import { Attached } from './attached.tsx';
import { Fact } from './fact.tsx';
import { foundByWords } from './found-by.ts';
import { ImageFacts } from './image-facts.tsx';
import { Parts } from './parts.tsx';
import { StateFact } from './state-fact.tsx';
import styles from '../inspector.module.css';

const TITLE = 'org.opencontainers.image.title';
const DESCRIPTION = 'org.opencontainers.image.description';

/** The facts of a node: what the graph knows at once, what its document says as soon as it was read. */
export function Overview({ inspected }: { readonly inspected: Inspected }): JSX.Element {
  const { node } = inspected;
  // A node that the walk is still reading is told soon enough.
  const query = useDescription(nodeAddress(inspected), node.state !== 'pending');
  const follow = useFollow(inspected);
  const { data } = query;
  const annotations =
    data !== undefined && Object.keys(data.annotations).length > 0
      ? data.annotations
      : (node.annotations ?? {});
  const fileName = annotations[TITLE] ?? annotations[DESCRIPTION];
  const wish = wishOfNode(inspected, data?.links ?? []);
  const again = (
    <Button onClick={() => void query.refetch()} disabled={query.isFetching}>
      Try again
    </Button>
  );

  return (
    <div className={styles['overview']}>
      <section className={styles['head']}>
        <h2>
          <KindIcon kind={node.kind} size={18} decorative />
          <bdi>{displayText(node.title)}</bdi>
          {wish !== undefined && <DragOut key={node.digest} wish={wish} />}
        </h2>
        {fileName !== undefined && (
          <p className={styles['dim']} data-selectable>
            <bdi>{displayText(fileName)}</bdi>
          </p>
        )}
        <NodeTrouble
          state={node.state}
          error={node.error}
          actions={node.state === 'failed' || node.state === 'missing' ? again : undefined}
        />
        <Facts inspected={inspected} data={data} follow={follow} />
      </section>
      {query.isError && (
        <section>
          <ErrorLine error={toErrorData(query.error)} actions={again} />
        </section>
      )}
      {data?.errors
        .filter((error) => error.message !== node.error?.message)
        .map((error) => (
          <section key={`${error.code} ${error.message}`}>
            <ErrorLine error={error} />
          </section>
        ))}
      {inspected.referrers !== undefined && inspected.referrers.length > 0 && (
        <Attached referrers={inspected.referrers} follow={follow} />
      )}
      {data !== undefined && data.links.length > 0 && (
        <Parts title={partsTitle(node)} links={data.links} follow={follow} inspected={inspected} />
      )}
      {query.isPending && node.state !== 'pending' && <Waiting />}
      <AnnotationTable title="Annotations" annotations={annotations} />
      {data?.image !== undefined && <ImageFacts image={data.image} />}
    </div>
  );
}

interface FactsProps {
  readonly inspected: Inspected;
  readonly data: Description | undefined;
  readonly follow: Follow;
}

function Facts({ inspected, data, follow }: FactsProps): JSX.Element {
  const { node, subjects = [], parents = [] } = inspected;
  const artifactType = data?.artifactType ?? node.artifactType;
  const predicate = data?.predicateType ?? node.predicateType;
  const platform = data?.platform ?? node.platform;
  const found = foundByWords(subjects.flatMap((subject) => subject.vias));
  const subject = data?.subject;
  const known = new Set(subjects.map((each) => each.node.digest));
  return (
    <dl className={styles['facts']}>
      <Fact name="Digest" whole>
        <code className={styles['digest']} data-selectable>
          <bdi>{displayText(node.digest)}</bdi>
        </code>
        <CopyButton text={node.digest} label="Copy the digest" />
      </Fact>
      {artifactType !== undefined && (
        <Fact name="Type">
          <TypeText text={artifactType} />
        </Fact>
      )}
      <Fact name={artifactType === undefined ? 'Type' : 'Media type'}>
        <TypeText text={data?.mediaType ?? node.mediaType} />
      </Fact>
      {artifactType === undefined && node.configMediaType !== undefined && (
        <Fact name="Config type">
          <TypeText text={node.configMediaType} />
        </Fact>
      )}
      {predicate !== undefined && (
        <Fact name="Predicate">
          <span>{displayText(predicateName(predicate))}</span> <TypeText text={predicate} />
        </Fact>
      )}
      {node.tags.length > 0 && (
        <Fact name="Tags">
          <span className={styles['chips']}>
            {node.tags.map((tag) => (
              <Chip key={tag}>
                <bdi>{displayText(tag)}</bdi>
              </Chip>
            ))}
          </span>
        </Fact>
      )}
      {subjects.length > 0 && (
        <Fact name={subjects.length === 1 ? 'Subject' : 'Subjects'}>
          <Related related={subjects} follow={follow} />
        </Fact>
      )}
      {subject !== undefined && !known.has(subject.digest) && (
        <Fact name="Subject">
          <a className={styles['link']} {...anchorProps(follow, subject)}>
            <code>
              <bdi>{displayText(subject.digest)}</bdi>
            </code>
          </a>
        </Fact>
      )}
      {subjects.length > 0 && <Fact name="Found by">{found}</Fact>}
      {parents.length > 0 && (
        <Fact name="Part of">
          <Related related={parents} follow={follow} />
        </Fact>
      )}
      {platform !== undefined && (
        <Fact name="Platform">
          <bdi>{displayText(formatPlatform(platform))}</bdi>
        </Fact>
      )}
      <Fact name="Size">
        <SizeFact node={node} data={data} />
      </Fact>
      {data?.created !== undefined && (
        <Fact name="Created">
          <Time value={data.created} /> <span className={styles['exact']}>{exactMoment(data.created)}</span>
        </Fact>
      )}
      <StateFact node={node} />
    </dl>
  );
}

function SizeFact({
  node,
  data,
}: {
  readonly node: GraphNode;
  readonly data: Description | undefined;
}): ReactNode {
  const total = data?.totalSize;
  if (total === undefined || total === (data?.size ?? node.size))
    return <Size bytes={data?.size ?? node.size} />;
  const isIndex = node.kind === 'index';
  return (
    <>
      <Size bytes={total} />{' '}
      <span className={styles['dim']}>
        {isIndex ? 'with the manifests it names' : 'with config and layers'}; itself{' '}
        <Size bytes={data?.size ?? node.size} />
      </span>
    </>
  );
}

function Related({
  related,
  follow,
}: {
  readonly related: readonly InspectedRelation[];
  readonly follow: Follow;
}): JSX.Element {
  return (
    <ul className={styles['related']}>
      {related.map(({ node }) => (
        <li key={node.digest}>
          <a className={styles['link']} {...anchorProps(follow, node)}>
            <KindIcon kind={node.kind} size={14} decorative /> <bdi>{displayText(node.title)}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}

function TypeText({ text }: { readonly text: string }): JSX.Element {
  return (
    <code className={styles['type']} data-selectable>
      <bdi>{displayText(text)}</bdi>
    </code>
  );
}

function Waiting(): JSX.Element {
  return (
    <section aria-hidden className={styles['waiting']}>
      <Skeleton width="40%" />
      <Skeleton width="90%" />
      <Skeleton width="75%" />
      <Skeleton width="82%" />
    </section>
  );
}

/** "2026-11-20 16:04 UTC"; nothing for what is no moment, which is shown as it came, nor for the zero that stands for none. */
function exactMoment(value: string): string {
  const moment = Date.parse(value);
  return Number.isNaN(moment) || moment <= 0
    ? ''
    : `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function partsTitle(node: GraphNode): string {
  return node.kind === 'index' ? 'Manifests' : 'Config and layers';
}
