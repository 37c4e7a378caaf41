import { z } from 'zod';
import { annotationsSchema, errorSchema, platformSchema } from './common.ts';
import { NODE_KINDS, NODE_STATES } from './graph.ts';

/** Content of a node for the inspector's JSON and Raw tabs, up to a limit. */
export const contentSchema = z.object({
  digest: z.string(),
  mediaType: z.string(),
  /** Bytes of the whole content. */
  size: z.number(),
  /** `ok` when all bytes were read and match the digest; `unchecked` when cut at the limit. */
  state: z.enum(NODE_STATES),
  error: errorSchema.optional(),
  form: z.enum(['json', 'text', 'binary']),
  /** The text as it came (json, text). */
  text: z.string().optional(),
  /** The first bytes, base64 (binary). */
  bytes: z.string().optional(),
  /** True when only the first part is here. */
  truncated: z.boolean(),
});
export type Content = z.infer<typeof contentSchema>;

export const linkSchema = z.object({
  /** "config", "layer 1", "linux/amd64", "subject". */
  role: z.string(),
  digest: z.string(),
  mediaType: z.string(),
  size: z.number(),
  title: z.string().optional(),
  platform: platformSchema.optional(),
});

/** The facts of the inspector's Overview tab. */
export const descriptionSchema = z.object({
  digest: z.string(),
  mediaType: z.string(),
  artifactType: z.string().optional(),
  predicateType: z.string().optional(),
  kind: z.enum(NODE_KINDS),
  size: z.number(),
  /** With config and layers. */
  totalSize: z.number().optional(),
  created: z.string().optional(),
  platform: platformSchema.optional(),
  subject: linkSchema.optional(),
  /** Config and layers, or the children of an index, in order. */
  links: z.array(linkSchema),
  annotations: annotationsSchema,
  /** From an image's config, where it could be read. */
  image: z
    .object({
      author: z.string().optional(),
      entrypoint: z.array(z.string()).optional(),
      command: z.array(z.string()).optional(),
      user: z.string().optional(),
      workingDirectory: z.string().optional(),
      environment: z.array(z.string()),
      exposedPorts: z.array(z.string()),
      labels: annotationsSchema,
      history: z.array(z.object({ created: z.string().optional(), createdBy: z.string().optional(), emptyLayer: z.boolean() })),
    })
    .optional(),
  /** Parts that could not be read, each with its reason. */
  errors: z.array(errorSchema),
});
export type Description = z.infer<typeof descriptionSchema>;
