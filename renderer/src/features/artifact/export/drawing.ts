import type { NodeKind, NodeState } from '../../../../../shared/contract/graph-words.ts';

/** Colours of a drawing, as CSS colours; taken from the window's theme when the drawing is made. */
export interface DrawingTheme {
  readonly background: string;
  readonly card: string;
  readonly line: string;
  readonly wire: string;
  readonly text: string;
  readonly dim: string;
  readonly bad: string;
  readonly warn: string;
  readonly kinds: Readonly<Record<NodeKind, string>>;
}

/** Own markup of the small pictures, without their outer element, on a grid of 24. */
export interface DrawingIcons {
  readonly kinds: ReadonlyMap<NodeKind, string>;
  /** By state; `signature` for one that is there and not checked. */
  readonly marks: ReadonlyMap<NodeState | 'signature', string>;
}
