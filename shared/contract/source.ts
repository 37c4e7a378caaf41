import { z } from 'zod';

/** One entry of the sidebar: a registry, an opened layout (folder or archive), or the local store. */
export const sourceSchema = z.object({
  /** `registry:HOST`, `layout:ABSOLUTE_PATH` or `local`. */
  id: z.string(),
  kind: z.enum(['registry', 'layout', 'local']),
  /** Host with port, or a short name of the path. */
  label: z.string(),
  /** Whole host or path, for the tooltip. */
  location: z.string(),
  /** Repositories the person pinned or typed, in their order; always shown, also without a catalog. */
  pinned: z.array(z.string()),
  /** True when requests go over plain HTTP. Undefined until the first contact decided. */
  plainHttp: z.boolean().exactOptional(),
  /** Who is signed in, and where that was found. Never a secret. */
  account: z
    .object({ username: z.string(), from: z.enum(['docker-config', 'credential-helper', 'session']) })
    .exactOptional(),
});
export type Source = z.infer<typeof sourceSchema>;

/** What a text in the "open anything" bar means. */
export const placeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('source'), source: z.string() }),
  z.object({ kind: z.literal('repository'), source: z.string(), repository: z.string() }),
  z.object({
    kind: z.literal('artifact'),
    source: z.string(),
    repository: z.string().exactOptional(),
    tag: z.string().exactOptional(),
    digest: z.string().exactOptional(),
  }),
]);
export type Place = z.infer<typeof placeSchema>;
