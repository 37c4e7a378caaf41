import { z } from 'zod';
import { errorSchema } from './common.ts';
import { PLACE_TEXT_LIMIT } from './place-text-limit.ts';
import { plain, stream } from './procedure.ts';
import { GRACE_LIMIT_MS, INDEX_REPAIRS, LAYOUT_PROBLEM_KINDS } from './store-words.ts';

const source = z.string().max(PLACE_TEXT_LIMIT);
/** Bytes. */
const size = z.number().int().nonnegative();
const sized = z.object({ digest: z.string(), size });

/** How far reading a layout is. */
const readingSchema = z.object({
  bytes: size,
  /** Bytes in all, as far as that is known. */
  of: size.exactOptional(),
});
export type LayoutReading = z.infer<typeof readingSchema>;

/**
 * Sizes of a layout in bytes that lie on its disk. `logical`: every row for itself, as if nothing were shared. `unique`: the same
 * with each blob counted once. What sharing saves is the difference. `stored`: everything that lies there, also what no row leads to.
 */
const layoutSizesSchema = z.object({
  logical: size,
  unique: size,
  stored: z.object({ blobs: z.number(), bytes: size }),
  /** Blobs that are named and not there. */
  missing: z.number(),
  /** Manifests that cannot be read, so that what is below them counts for no row. */
  unreadable: z.number(),
  /** Rows in all; the largest of them came as steps. */
  rows: z.number(),
});
export type LayoutSizes = z.infer<typeof layoutSizesSchema>;

/** One row: `unique` is what no other row needs, and what deleting it would free. */
const rowSizeSchema = z.object({
  digest: z.string(),
  names: z.array(z.string()),
  logical: size,
  unique: size,
});
export type RowSize = z.infer<typeof rowSizeSchema>;

const layoutProblemSchema = z.object({
  kind: z.enum(LAYOUT_PROBLEM_KINDS),
  digest: z.string().exactOptional(),
  size: size.exactOptional(),
  /** Manifests that name it; empty for entries of index.json. */
  namedBy: z.array(z.string()),
  error: errorSchema,
});
export type LayoutProblem = z.infer<typeof layoutProblemSchema>;

/** What a check found. Lists are cut at `LISTED_LIMIT`; the numbers beside them count all. */
const layoutReportSchema = z.object({
  kind: z.enum(['folder', 'archive']),
  blobs: z.number(),
  bytes: size,
  problems: z.array(layoutProblemSchema),
  problemCounts: z.array(z.object({ kind: z.enum(LAYOUT_PROBLEM_KINDS), count: z.number() })),
  /** Whole blobs that nothing leads to: not wrong, and taken by a clean-up. */
  orphans: z.object({ count: z.number(), bytes: size, largest: z.array(sized) }),
  /** Names among the blobs that no check can judge. */
  unchecked: z.number(),
  quarantine: z.object({ count: z.number(), bytes: size }),
  /** Whether a repair could bring back the last index.json that Tallyman wrote. */
  hasPreviousIndex: z.boolean(),
});
export type LayoutReport = z.infer<typeof layoutReportSchema>;

/** What a clean-up would remove, or did: `garbage` names the largest. */
const garbageReportSchema = z.object({
  garbage: z.array(sized),
  garbageBlobs: z.number(),
  garbageBytes: size,
  liveBlobs: z.number(),
  liveBytes: size,
  youngBlobs: z.number(),
  youngBytes: size,
});
export type GarbageReport = z.infer<typeof garbageReportSchema>;

const cleanUp = z.object({
  source,
  /** Content that came or was asked for within so many milliseconds is spared. */
  grace: z.number().int().nonnegative().max(GRACE_LIMIT_MS),
  /** Whether unlisted manifests stay when they are about something that stays. */
  keepReferrers: z.boolean(),
  /** Goes on where an index lists manifests that are not there. */
  sparse: z.boolean(),
});

/** A layout that is served as a registry on this machine. */
export const servedSchema = z.object({
  source,
  /** What clients call it: `localhost:5000`. */
  address: z.string(),
  port: z.number(),
  readOnly: z.boolean(),
  /** What clients have to know, as the password of any user name. Made for this run. */
  token: z.string().exactOptional(),
  /** A repository that is there, with one of its tags, to make command lines of; none while it is empty. */
  example: z.object({ repository: z.string(), tag: z.string().exactOptional() }).exactOptional(),
});
export type Served = z.infer<typeof servedSchema>;

/** What can be done with a layout on disk as a whole. */
export const storeProcedures = {
  /** Measures; rows come as steps, the largest first. */
  'store.measure': stream(
    z.object({ source }),
    layoutSizesSchema,
    z.union([z.object({ blobs: z.number() }), z.object({ rows: z.array(rowSizeSchema) })]),
  ),
  /** Reads everything and follows every name. Changes nothing. */
  'store.check': stream(z.object({ source }), layoutReportSchema, readingSchema),
  /** Moves damaged content into quarantine, and replaces an unreadable index.json when that is asked for. */
  'store.repair': stream(
    z.object({ source, index: z.enum(INDEX_REPAIRS).exactOptional() }),
    z.object({
      quarantined: z.array(z.string()),
      index: z.enum(['kept', 'previous', 'rebuilt']),
      report: layoutReportSchema,
    }),
    readingSchema,
  ),
  /** What `store.collectGarbage` with the same choices would remove now. */
  'store.findGarbage': plain(cleanUp, garbageReportSchema),
  'store.collectGarbage': plain(cleanUp, garbageReportSchema),

  'serving.list': plain(z.object({}), z.object({ served: z.array(servedSchema) })),
  /** Serves a layout on loopback until it is stopped or the program ends; answers the one that runs already. */
  'serving.start': plain(
    z.object({
      source,
      /** 0: any free one. */
      port: z.number().int().min(0).max(65_535),
      readOnly: z.boolean(),
      /** Whether clients need a token. */
      token: z.boolean(),
    }),
    z.object({ served: servedSchema }),
  ),
  'serving.stop': plain(z.object({ source }), z.object({})),
} as const;
