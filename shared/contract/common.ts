import { z } from 'zod';
import { ERROR_CODES } from '../errors/tallyman-error.ts';

/** An error as data; see `ErrorData`. */
export const errorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().exactOptional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
});

export const annotationsSchema = z.record(z.string(), z.string());

export const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().exactOptional(),
  osVersion: z.string().exactOptional(),
  osFeatures: z.array(z.string()).exactOptional(),
});

/**
 * Where a graph lies: a source of the sidebar and, in a registry, a repository.
 * Source ids can be written down and opened again: `registry:HOST`, `layout:ABSOLUTE_PATH`, `local`.
 */
export const targetAddressSchema = z.object({
  source: z.string(),
  repository: z.string().exactOptional(),
});
export type TargetAddress = z.infer<typeof targetAddressSchema>;
