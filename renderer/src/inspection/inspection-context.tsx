import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { InspectedNode } from './inspected-node.ts';

interface Inspection {
  readonly node: InspectedNode | undefined;
  readonly publish: (node: InspectedNode | undefined) => void;
}

const InspectionContext = createContext<Inspection>({ node: undefined, publish: () => undefined });

/** Around the views and the inspector: the views say what is selected, the inspector shows it. */
export function InspectionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [node, publish] = useState<InspectedNode>();
  const value = useMemo(() => ({ node, publish }), [node]);
  return <InspectionContext value={value}>{children}</InspectionContext>;
}

/** What the current view has selected; undefined when nothing is. */
export function useInspected(): InspectedNode | undefined {
  return use(InspectionContext).node;
}

/** Says what this view has selected. Pass a memoised value; it is withdrawn when the view goes away. */
export function usePublishInspected(node: InspectedNode | undefined): void {
  const { publish } = use(InspectionContext);
  useEffect(() => {
    publish(node);
  }, [publish, node]);
  useEffect(
    () => () => {
      publish(undefined);
    },
    [publish],
  );
}
