import type { EdgeVia, NodeKind } from '../../../../../shared/contract/graph-words.ts';
import type { Link, LinkForm } from '../model/links.ts';
import type { Sortable } from '../model/sibling-order.ts';

/** What the layout needs to know of a node. */
export type ArrangeNode = Sortable;

/** A question to the layout; plain data, since it crosses to a worker. */
export interface ArrangeInput {
  readonly nodes: readonly ArrangeNode[];
  readonly links: readonly Link[];
  /** The first is what was asked for: it lies at 0, 0. */
  readonly roots: readonly string[];
  readonly openClusters: readonly string[];
  /** False while the walk runs: siblings keep the order in which they came, so that nothing swaps places. */
  readonly settled: boolean;
}

export interface PlacedCard {
  readonly id: string;
  /** Top left corner. */
  readonly x: number;
  readonly y: number;
  readonly column: number;
  /** The card or cluster that it stands beside. */
  readonly anchor?: string;
  /** The opened cluster whose tray it lies in. */
  readonly tray?: string;
}

export interface PlacedCluster {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly column: number;
  readonly anchor: string;
  readonly kind: NodeKind;
  readonly form: LinkForm;
  readonly members: readonly string[];
  /** Nodes that belong to its members and are not shown while it is closed. */
  readonly hidden: number;
  readonly open: boolean;
}

/**
 * A line between two cards or clusters.
 * - `across`: from the right side of the source to the left side of the target
 * - `down`: from the signature above to the report below
 * - `back`: closes a circle
 */
export type WireShape = 'across' | 'down' | 'back';

export interface PlacedWire {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly shape: WireShape;
  readonly form: LinkForm;
  readonly vias: readonly EdgeVia[];
  /** False for links that placed nothing: drawn fainter. */
  readonly placing: boolean;
}

/** The picture: where everything stands. Its origin is the top left corner of the first root. */
export interface Arrangement {
  readonly cards: readonly PlacedCard[];
  readonly clusters: readonly PlacedCluster[];
  readonly wires: readonly PlacedWire[];
  /** The card or cluster that shows the first root. */
  readonly root?: string;
  readonly bounds: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}
