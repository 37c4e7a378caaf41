import type { GraphSummary } from '../../shared/contract/graph.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import {
  MANIFEST_LIMIT,
  WALK_DEPTH_LIMIT,
  WALK_DESCRIPTOR_LIMIT,
  WALK_MANIFEST_BYTES_LIMIT,
  WALK_MANIFEST_LIMIT,
} from './limits.ts';

/** The limits of one walk; the defaults are those of the reliability bar. */
export interface WalkLimits {
  /** Edges from the nearest root. */
  readonly depth: number;
  /** Manifests and indexes read. */
  readonly manifests: number;
  /** Descriptors followed. */
  readonly descriptors: number;
  /** Bytes of all manifests read. */
  readonly manifestBytes: number;
}

export const DEFAULT_WALK_LIMITS: WalkLimits = {
  depth: WALK_DEPTH_LIMIT,
  manifests: WALK_MANIFEST_LIMIT,
  descriptors: WALK_DESCRIPTOR_LIMIT,
  manifestBytes: WALK_MANIFEST_BYTES_LIMIT,
};

type LimitName = keyof WalkLimits | 'manifest';
export type ReachedLimit = GraphSummary['limits'][number];

const TEXTS: Readonly<
  Record<keyof WalkLimits, { readonly name: string; readonly what: (limit: number) => string }>
> = {
  depth: { name: 'depth', what: (limit) => `is more than ${limit} edges away from where the walk began` },
  manifests: { name: 'manifests', what: (limit) => `comes after the ${limit} manifests that one walk reads` },
  descriptors: {
    name: 'descriptors',
    what: (limit) => `comes after the ${limit} descriptors that one walk follows`,
  },
  manifestBytes: {
    name: 'manifest bytes',
    what: (limit) => `comes after the ${limit} bytes of manifests that one walk reads`,
  },
};

/** Counts what a walk has used, and keeps the limits that it reached. */
export class WalkBudget {
  private readonly limits: WalkLimits;
  private readonly reachedLimits = new Map<LimitName, ReachedLimit>();
  /** One error for all nodes that one limit stops: there can be very many of them. */
  private readonly errors = new Map<string, ErrorData>();
  private manifests = 0;
  private manifestBytes = 0;
  private descriptors = 0;

  constructor(limits: WalkLimits) {
    this.limits = limits;
  }

  get reached(): readonly ReachedLimit[] {
    return [...this.reachedLimits.values()];
  }

  /**
   * Takes one manifest of about `size` bytes.
   * @returns the error of the limit that forbids it, undefined when it may be read.
   */
  takeManifest(depth: number, size: number): ErrorData | undefined {
    if (depth > this.limits.depth) return this.reach('depth', this.limits.depth);
    if (this.manifests + 1 > this.limits.manifests) return this.reach('manifests', this.limits.manifests);
    if (this.manifestBytes + size > this.limits.manifestBytes)
      return this.reach('manifestBytes', this.limits.manifestBytes);
    this.manifests += 1;
    this.manifestBytes += size;
    return undefined;
  }

  /** Corrects the bytes of a manifest once it was read: a digest alone does not say its size. */
  correctBytes(announced: number, actual: number): void {
    this.manifestBytes += actual - announced;
  }

  /** Takes one descriptor; false, and the limit is reached, when there are none left. */
  takeDescriptor(): boolean {
    if (this.descriptors + 1 > this.limits.descriptors) return false;
    this.descriptors += 1;
    return true;
  }

  /** The error of a manifest that names more descriptors than were left. */
  descriptorsExhausted(): ErrorData {
    return this.reach('descriptors', this.limits.descriptors, 'What this manifest names');
  }

  /** Notes a limit that the place or the parser reached with one manifest. */
  noteManifest(error: ErrorData): void {
    const limit = error.details?.['limit'];
    this.reachedLimits.set('manifest', {
      name: 'manifest',
      limit: typeof limit === 'number' ? limit : MANIFEST_LIMIT,
      message: `The graph is not whole. ${error.message}`,
    });
  }

  /** Forgets that the depth was reached: a shorter way was found to everything that lay too deep. */
  forgetDepth(): void {
    this.reachedLimits.delete('depth');
  }

  private reach(name: keyof WalkLimits, limit: number, subject = 'This content'): ErrorData {
    const text = TEXTS[name];
    this.reachedLimits.set(name, {
      name: text.name,
      limit,
      message: `The graph is not whole: content that ${text.what(limit)} was not read.`,
    });
    const message = `${subject} ${text.what(limit)}.`;
    const error = this.errors.get(message) ?? {
      code: 'LIMIT',
      message,
      hint: 'Open it by its digest to begin a walk there.',
      details: { limit, name: text.name },
    };
    this.errors.set(message, error);
    return error;
  }
}
