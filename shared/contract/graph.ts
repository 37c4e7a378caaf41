import { z } from 'zod';
import { annotationsSchema, errorSchema, platformSchema } from './common.ts';
import { EDGE_VIAS, NODE_KINDS, NODE_STATES } from './graph-words.ts';

export const graphNodeSchema = z.object({
  digest: z.string(),
  mediaType: z.string(),
  /** The document's artifactType, or what its descriptor claims while it is not read. */
  artifactType: z.string().exactOptional(),
  /** Bytes of this node itself. */
  size: z.number(),
  kind: z.enum(NODE_KINDS),
  /** In-toto predicate type of bundles and attestations, the first where there are several. */
  predicateType: z.string().exactOptional(),
  /** Tags of the place that name this digest, as far as they are known. */
  tags: z.array(z.string()),
  state: z.enum(NODE_STATES),
  error: errorSchema.exactOptional(),
  /** The name shown on the card: "SBOM · SPDX", "linux/arm64", "Cosign signature". */
  title: z.string(),
  platform: platformSchema.exactOptional(),
  annotations: annotationsSchema.exactOptional(),
  /** Media type of a manifest's config: the real type string where there is no artifactType. */
  configMediaType: z.string().exactOptional(),
});
export type GraphNode = z.infer<typeof graphNodeSchema>;

export const graphEdgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** Empty where only the referrer itself names its subject, and no source of the place lists it. */
  via: z.array(z.enum(EDGE_VIAS)),
});
export type GraphEdge = z.infer<typeof graphEdgeSchema>;

/** The outcome of asking one source about one subject, kept only when it is not plainly "listed". */
export const graphLookupSchema = z.object({
  subject: z.string(),
  source: z.enum(['referrers-api', 'fallback-tag', 'cosign-tag', 'layout-link']),
  outcome: z.enum(['unsupported', 'failed']),
  error: errorSchema.exactOptional(),
  reason: z.string().exactOptional(),
});
export type GraphLookup = z.infer<typeof graphLookupSchema>;

/**
 * One step of a growing graph. `nodes` adds or replaces by digest, `edges` adds or replaces by from+to;
 * applying all steps in order gives the whole.
 */
export const graphStepSchema = z.object({
  nodes: z.array(graphNodeSchema),
  edges: z.array(graphEdgeSchema),
  lookups: z.array(graphLookupSchema),
  /** Requests still running or waiting. */
  pending: z.number(),
});
export type GraphStep = z.infer<typeof graphStepSchema>;

export const graphSummarySchema = z.object({
  /** Digest asked for; of several roots (a whole layout) the first. */
  root: z.string(),
  roots: z.array(z.string()),
  /** False when something failed, is missing, damaged or refused, or a limit was reached. */
  complete: z.boolean(),
  problems: z.number(),
  limits: z.array(z.object({ name: z.string(), limit: z.number(), message: z.string() })),
  /** Entries of the place's own listing that name nothing readable, each with its reason. */
  errors: z.array(errorSchema).exactOptional(),
});
export type GraphSummary = z.infer<typeof graphSummarySchema>;
