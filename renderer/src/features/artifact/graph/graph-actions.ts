import { createContext, use } from 'react';

/** What a card of the graph asks its view to do. The same object for the life of the view. */
export interface GraphActions {
  /** Selects a node; a second time centres it. */
  readonly choose: (digest: string) => void;
  readonly toggleCluster: (id: string) => void;
  /** A card with this id came onto the screen, or left it (cards out of sight are not in the page). */
  readonly arrived: (id: string, element: HTMLElement) => void;
  readonly left: (id: string, element: HTMLElement) => void;
}

export const GraphActionsContext = createContext<GraphActions | undefined>(undefined);

/** What a card of the graph asks its view to do. */
export function useGraphActions(): GraphActions {
  const actions = use(GraphActionsContext);
  if (actions === undefined) throw new Error('A card of the graph needs a GraphActionsContext above it.');
  return actions;
}
