import { createContext, use, useEffect, useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { GraphNode } from '../../../shared/contract/graph.ts';
import type { EdgeVia } from '../../../shared/contract/graph-words.ts';

/** A node that an edge leads to, with every way in which that edge was found. */
export interface InspectedRelation {
  readonly node: GraphNode;
  readonly vias: readonly EdgeVia[];
}

/** What the inspector shows: one node of a place, from a graph or from a row of a repository. */
export interface Inspected {
  readonly target: TargetAddress;
  readonly node: GraphNode;
  /** What it is attached to. */
  readonly subjects?: readonly InspectedRelation[];
  /** Indexes and manifests that name it. */
  readonly parents?: readonly InspectedRelation[];
  /** What is attached to it. */
  readonly referrers?: readonly InspectedRelation[];
  /** Nodes of the same picture, by digest: a link to one of them selects it in place of opening another view. */
  readonly known?: ReadonlyMap<string, GraphNode>;
  readonly select?: (digest: string) => void;
}

interface Inspection {
  readonly inspected: Inspected | undefined;
  readonly setInspected: (inspected: Inspected | undefined) => void;
}

const InspectionContext = createContext<Inspection>({ inspected: undefined, setInspected: () => undefined });

/** Lets the view in the middle say what the inspector at the right shows, without either knowing the other. */
export function InspectionProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [inspected, setInspected] = useState<Inspected>();
  const value = useMemo(() => ({ inspected, setInspected }), [inspected]);
  return <InspectionContext value={value}>{children}</InspectionContext>;
}

/** What the inspector shows now. */
export function useInspected(): Inspected | undefined {
  return use(InspectionContext).inspected;
}

/**
 * Shows a node in the inspector while the calling view is on screen. Give the same object while nothing changes.
 */
export function useInspect(inspected: Inspected | undefined): void {
  const { setInspected } = use(InspectionContext);
  useEffect(() => {
    setInspected(inspected);
  }, [inspected, setInspected]);
  useEffect(() => () => setInspected(undefined), [setInspected]);
}
