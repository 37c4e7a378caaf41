import { z } from 'zod';
import { errorSchema, platformSchema } from './common.ts';
import { NODE_KINDS } from './graph-words.ts';

/** A name in a repository as the listing gives it: registries give tags only, layouts digest and type too. */
export const repositoryEntrySchema = z.object({
  tag: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  mediaType: z.string().exactOptional(),
  artifactType: z.string().exactOptional(),
  size: z.number().exactOptional(),
});
export type RepositoryEntry = z.infer<typeof repositoryEntrySchema>;

/** A tag looked up: what it names now, or why that is not known. */
export const resolvedTagSchema = z.object({
  tag: z.string(),
  digest: z.string().exactOptional(),
  mediaType: z.string().exactOptional(),
  size: z.number().exactOptional(),
  error: errorSchema.exactOptional(),
});
export type ResolvedTag = z.infer<typeof resolvedTagSchema>;

/** What a row shows beyond its name, read for rows on screen only. */
export const rowDetailsSchema = z.object({
  digest: z.string(),
  kind: z.enum(NODE_KINDS),
  mediaType: z.string(),
  artifactType: z.string().exactOptional(),
  predicateType: z.string().exactOptional(),
  /** "2 platforms", "linux/amd64", "Helm 1.8.2", or the real type string. */
  what: z.string(),
  /** Bytes of the manifest, its config and layers; of an index, of all its children's descriptors. */
  size: z.number(),
  created: z.string().exactOptional(),
  platforms: z.array(platformSchema),
  /** Referrers by kind, from every source. Undefined when none of the sources could be asked. */
  attached: z.array(z.object({ kind: z.enum(NODE_KINDS), count: z.number() })).exactOptional(),
  /** Why `attached` is absent or not whole. */
  attachedError: errorSchema.exactOptional(),
  error: errorSchema.exactOptional(),
});
export type RowDetails = z.infer<typeof rowDetailsSchema>;
