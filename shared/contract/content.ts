import { z } from 'zod';
import { annotationsSchema, errorSchema, platformSchema } from './common.ts';
import { NODE_KINDS, NODE_STATES } from './graph-words.ts';

/** Content of a node for the inspector's JSON and Raw tabs, up to a limit. */
export const contentSchema = z.object({
  digest: z.string(),
  mediaType: z.string(),
  /** Bytes of the whole content. */
  size: z.number(),
  /** `ok` when all bytes were read and match the digest; `unchecked` when cut at the limit. */
  state: z.enum(NODE_STATES),
  error: errorSchema.exactOptional(),
  form: z.enum(['json', 'text', 'binary']),
  /** The text as it came (json, text). */
  text: z.string().exactOptional(),
  /** The first bytes, base64 (binary). */
  bytes: z.string().exactOptional(),
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
  title: z.string().exactOptional(),
  platform: platformSchema.exactOptional(),
});

/** The facts of the inspector's Overview tab. */
export const descriptionSchema = z.object({
  digest: z.string(),
  mediaType: z.string(),
  artifactType: z.string().exactOptional(),
  predicateType: z.string().exactOptional(),
  kind: z.enum(NODE_KINDS),
  size: z.number(),
  /** With config and layers. */
  totalSize: z.number().exactOptional(),
  created: z.string().exactOptional(),
  platform: platformSchema.exactOptional(),
  subject: linkSchema.exactOptional(),
  /** Config and layers, or the children of an index, in order. */
  links: z.array(linkSchema),
  annotations: annotationsSchema,
  /** From an image's config, where it could be read. */
  image: z
    .object({
      author: z.string().exactOptional(),
      entrypoint: z.array(z.string()).exactOptional(),
      command: z.array(z.string()).exactOptional(),
      user: z.string().exactOptional(),
      workingDirectory: z.string().exactOptional(),
      environment: z.array(z.string()),
      exposedPorts: z.array(z.string()),
      labels: annotationsSchema,
      history: z.array(
        z.object({
          created: z.string().exactOptional(),
          createdBy: z.string().exactOptional(),
          emptyLayer: z.boolean(),
        }),
      ),
    })
    .exactOptional(),
  /** Parts that could not be read, each with its reason. */
  errors: z.array(errorSchema),
});
export type Description = z.infer<typeof descriptionSchema>;
