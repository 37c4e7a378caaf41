import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { GraphNode } from '../../../shared/contract/graph.ts';
import { NODE_KINDS } from '../../../shared/contract/graph-words.ts';
import type { NodeKind } from '../../../shared/contract/graph-words.ts';

/** What is copied, pulled, tagged, deleted, or has something attached to it: one node of a place. */
export interface Thing {
  readonly target: TargetAddress;
  readonly digest: string;
  /** Tags of the place that name it, as far as they are known. */
  readonly tags: readonly string[];
  readonly kind: NodeKind;
  /** What it is called: "Image index", "SBOM · SPDX". */
  readonly title: string;
  /** Bytes of this node itself, and its type: what a single blob is read by. */
  readonly size: number;
  readonly mediaType: string;
}

/** A node of a graph as something to move. */
export function thingOf(target: TargetAddress, node: GraphNode): Thing {
  const { digest, tags, kind, title, size, mediaType } = node;
  return { target, digest, tags, kind, title, size, mediaType };
}

/** True for configs and layers: parts of an artifact, which are read and nothing else. */
export function isPart({ kind }: Pick<Thing, 'kind'>): boolean {
  return kind === 'config' || kind === 'layer';
}

/** The tag where it has one, else the digest. */
export function referenceOf({ tags, digest }: Pick<Thing, 'tags' | 'digest'>): string {
  return tags[0] ?? digest;
}

/** The type under which a thing is dragged inside the window. */
const DRAG_TYPE = 'application/x-tallyman-node';

/** Lets a thing be dragged to another place; outside of the window it is its reference as text. */
export function startDrag(transfer: DataTransfer, thing: Thing, reference: string): void {
  transfer.effectAllowed = 'copy';
  transfer.setData(DRAG_TYPE, JSON.stringify(thing));
  transfer.setData('text/plain', reference);
}

/** Whether a thing of this window is being dragged. What it is cannot be known before it is dropped. */
export function isThingDrag(transfer: DataTransfer): boolean {
  return transfer.types.includes(DRAG_TYPE);
}

/** The thing that was dropped; undefined for anything else, whoever says that it is one. */
export function droppedThing(transfer: DataTransfer): Thing | undefined {
  const text = transfer.getData(DRAG_TYPE);
  if (text === '') return undefined;
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Thing, unknown>>;
    const { target, digest, tags, kind, title, size, mediaType } = value;
    const isThing =
      typeof target === 'object' &&
      target !== null &&
      typeof (target as { source?: unknown }).source === 'string' &&
      typeof digest === 'string' &&
      Array.isArray(tags) &&
      tags.every((tag) => typeof tag === 'string') &&
      NODE_KINDS.some((each) => each === kind) &&
      typeof title === 'string' &&
      typeof size === 'number' &&
      typeof mediaType === 'string';
    return isThing ? (value as Thing) : undefined;
  } catch {
    return undefined;
  }
}
