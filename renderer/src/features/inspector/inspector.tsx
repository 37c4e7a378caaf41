import { useState, type JSX } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import type { Inspected } from '../../inspection/inspection.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import type { InspectorTab } from '../../navigation/view.ts';
import { Tabs } from '../../ui/tabs.tsx';
import { JsonTab } from './document/json-tab.tsx';
import { RawTab } from './document/raw-tab.tsx';
import { Overview } from './overview/overview.tsx';
import styles from './inspector.module.css';

interface InspectorProps {
  readonly target: TargetAddress;
  /** The node, and what the view around it knows of its surroundings. */
  readonly node: Inspected;
}

/** Everything about one node: its facts, its document as navigation, its bytes. The open tab is part of the address. */
export function Inspector({ target, node }: InspectorProps): JSX.Element {
  const { view, go } = useNavigation();
  const [ownTab, setOwnTab] = useState<InspectorTab>('overview');
  const hasTab = view.kind === 'artifact' || view.kind === 'repository';
  const tabs = tabsOf(node);
  const wanted = hasTab ? view.tab : ownTab;
  // A tab that makes no sense for this node: what is left shows the same bytes.
  const active = tabs.some((tab) => tab.id === wanted) ? wanted : 'raw';
  // A fresh panel for each node: scroll, folds and search belong to one document.
  const key = `${target.source} ${target.repository ?? ''} ${node.node.digest}`;

  return (
    <aside className={styles['inspector']} aria-label="Inspector">
      <Tabs
        label="What to show of it"
        tabs={tabs}
        active={active}
        onChange={(tab) => {
          if (hasTab) go({ ...view, tab }, { replace: true });
          else setOwnTab(tab);
        }}
      >
        {active === 'overview' && <Overview key={key} inspected={node} />}
        {active === 'json' && <JsonTab key={key} inspected={node} />}
        {active === 'raw' && <RawTab key={key} inspected={node} />}
      </Tabs>
    </aside>
  );
}

/** Layers are archives: there is no JSON in them to show. */
function tabsOf({ node }: Inspected): readonly { readonly id: InspectorTab; readonly label: string }[] {
  const isArchive = node.kind === 'layer' && !node.mediaType.includes('json');
  return [
    { id: 'overview', label: 'Overview' },
    ...(isArchive ? [] : [{ id: 'json' as const, label: 'JSON' }]),
    { id: 'raw', label: 'Raw' },
  ];
}
