import { Suspense, lazy } from 'react';
import type { JSX } from 'react';
import { useInspected } from '../inspection/inspection.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './inspector-column.module.css';

const Inspector = lazy(async () => ({
  default: (await import('../features/inspector/inspector.tsx')).Inspector,
}));

/** What stands at the right: the inspector of what is selected, its place while that is being read, or an invitation. */
export function InspectorColumn(): JSX.Element {
  const { view } = useNavigation();
  const inspected = useInspected();
  if (inspected !== undefined) {
    return (
      <Suspense fallback={<Coming />}>
        <Inspector target={inspected.target} node={inspected} />
      </Suspense>
    );
  }
  const isSelected = (view.kind === 'repository' || view.kind === 'artifact') && view.selected !== undefined;
  return isSelected ? <Coming /> : <NothingSelected kind={view.kind} />;
}

function Coming(): JSX.Element {
  return (
    <aside className={styles['column']} aria-label="Inspector" aria-busy>
      <div className={styles['head']} />
      <div className={styles['lines']}>
        <Skeleton width={160} />
        <Skeleton width={220} />
        <Skeleton width={120} />
        <Skeleton width={200} />
        <Skeleton width={90} />
      </div>
    </aside>
  );
}

function NothingSelected({ kind }: { readonly kind: string }): JSX.Element {
  return (
    <aside className={styles['column']} aria-label="Inspector">
      <div className={styles['head']} />
      <div className={styles['rest']}>
        <p>Nothing selected</p>
        <p className={styles['hint']}>
          Choose a {kind === 'artifact' ? 'node' : 'row'} to see what it is and what it says.
        </p>
      </div>
    </aside>
  );
}
