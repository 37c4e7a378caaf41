import type { NodeKind } from '../../shared/contract/graph-words.ts';
import type { ParsedManifest } from '../../shared/oci/manifest.ts';

/** What a read manifest is. */
export interface Recognition {
  readonly kind: NodeKind;
  /** In-toto predicate type, the first where there are several. */
  readonly predicateType?: string;
  /** Every predicate type that the manifest names, in order, each once. */
  readonly predicateTypes?: readonly string[];
}

/** Says what a manifest is by its types alone; the walk itself knows only how content points to content. */
export type Recognise = (parsed: ParsedManifest) => Recognition;
