import { z } from 'zod';
import { errorSchema, targetAddressSchema } from './common.ts';
import { fileToken } from './files.ts';
import { NODE_KINDS } from './graph-words.ts';
import { plain } from './procedure.ts';
import { FILES_LIMIT, reference, tag, transferRequestSchema } from './transfer-request.ts';
import {
  PROPOSED_ACTIONS,
  PUSH_FORMS,
  TRANSFER_ITEM_STATES,
  TRANSFER_KINDS,
  TRANSFER_STATES,
} from './transfer-words.ts';

/** Jobs that one call names. */
const JOBS_PER_CALL = 1_000;

const nothing = z.object({});
const jobId = z.string().max(64);
const jobIds = z.object({ ids: z.array(jobId).max(JOBS_PER_CALL) });

/** One blob or file of a job. */
export const transferItemSchema = z.object({
  /** Its own within the job. */
  id: z.string(),
  /** Title, file name, or what it is: "layer 3", "config". */
  name: z.string(),
  digest: z.string().exactOptional(),
  state: z.enum(TRANSFER_ITEM_STATES),
  /** Bytes at the destination; less than before when a part had to be sent again. */
  done: z.number(),
  size: z.number(),
  error: errorSchema.exactOptional(),
});
export type TransferItem = z.infer<typeof transferItemSchema>;

/** A manifest with what it is, in lists of what will go or stay. */
const namedManifest = z.object({
  digest: z.string(),
  kind: z.enum(NODE_KINDS),
  title: z.string(),
  tags: z.array(z.string()),
});

/** What a job would do, found out before it does it. Lists are cut at a limit; the numbers count everything. */
export const transferPlanSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** The blobs or files, and what is known of each: `present` ones are not sent. */
  items: z.array(transferItemSchema),
  itemCount: z.number(),
  manifestCount: z.number(),
  /** Bytes that would be sent, and those that are there already. */
  bytes: z.number(),
  bytesPresent: z.number(),
  /** Push and attach: the manifest exactly as it will be written. */
  manifest: z
    .object({ mediaType: z.string(), digest: z.string(), size: z.number(), text: z.string() })
    .exactOptional(),
  /** Delete: everything that goes with the digest. */
  removal: z
    .object({
      digest: z.string(),
      /** Every tag that dies with the digest. */
      tags: z.array(z.string()),
      /** Every referrer, over all levels. */
      referrers: z.array(namedManifest),
      /** Every index that contains it and stays, then broken. */
      indexes: z.array(namedManifest),
      /** Whether the place can take a single tag away and leave the content. */
      canUntag: z.boolean(),
    })
    .exactOptional(),
  /** What the person should know before it begins. */
  notes: z.array(errorSchema),
  /** The same as a command line, where a tool can do it. */
  command: z.string().exactOptional(),
});
export type TransferPlan = z.infer<typeof transferPlanSchema>;

/** What a job did. */
export const transferResultSchema = z.object({
  /** Of the manifest that was written or read. */
  digest: z.string().exactOptional(),
  mediaType: z.string().exactOptional(),
  size: z.number().exactOptional(),
  tags: z.array(z.string()),
  /** Blobs or files, by what became of them. */
  sent: z.number(),
  mounted: z.number(),
  present: z.number(),
  kept: z.number(),
  failed: z.number(),
  manifests: z.number(),
  bytesSent: z.number(),
  /** What the person should know: a fallback tag that was left alone, a file that was renamed. */
  notes: z.array(errorSchema),
});
export type TransferResult = z.infer<typeof transferResultSchema>;

export const transferJobSchema = z.object({
  id: z.string(),
  kind: z.enum(TRANSFER_KINDS),
  /** "Push 3 files", "Copy team/app:1.2 with referrers". */
  title: z.string(),
  /** Where from and where to, as texts. */
  from: z.string(),
  to: z.string(),
  /** What can be opened when it is done: where the result lies. */
  place: z.object({ target: targetAddressSchema, reference: reference.exactOptional() }).exactOptional(),
  state: z.enum(TRANSFER_STATES),
  /** Bytes at the destination, and in all; `total` grows while a job is planned. */
  bytes: z.object({ done: z.number(), total: z.number() }),
  items: z.object({ done: z.number(), total: z.number() }),
  /** Bytes per second over the last seconds; only while it runs. */
  rate: z.number().exactOptional(),
  secondsLeft: z.number().exactOptional(),
  /** Milliseconds since 1970. */
  created: z.number(),
  ended: z.number().exactOptional(),
  error: errorSchema.exactOptional(),
  result: transferResultSchema.exactOptional(),
  command: z.string().exactOptional(),
});
export type TransferJob = z.infer<typeof transferJobSchema>;

const transferChangeSchema = z.object({
  job: transferJobSchema,
  /** Items that changed, by their ids; at most `TRANSFER_ITEMS_SHOWN`. */
  items: z.array(transferItemSchema),
});

/** What changed since the last one; at most about five a second. `applyTransferChanges` joins it with what a window has. */
export const transfersChangedSchema = z.object({
  changed: z.array(transferChangeSchema),
  removed: z.array(z.string()),
});
export type TransfersChanged = z.infer<typeof transfersChangedSchema>;

/** What is known of a file before it is sent. */
const proposalSchema = z.object({
  file: fileToken,
  name: z.string(),
  /** A folder is sent as a tar.gz. */
  folder: z.boolean(),
  size: z.number(),
  /** What the content is. */
  kind: z.enum([...NODE_KINDS, 'archive']),
  /** `import` for an OCI layout or a `docker save` archive: it is pushed as the image it holds. */
  action: z.enum(PROPOSED_ACTIONS),
  /** Of a push. */
  form: z.enum(PUSH_FORMS),
  title: z.string(),
  mediaType: z.string(),
  artifactType: z.string().exactOptional(),
  /** Type of the config that belongs to it (Helm, WASM). */
  configMediaType: z.string().exactOptional(),
  /** Tags that the content itself names: a chart's version, the names in an archive. */
  tags: z.array(z.string()).exactOptional(),
  error: errorSchema.exactOptional(),
});
export type FileProposal = z.infer<typeof proposalSchema>;

export const transferProcedures = {
  /** What the files are, and how they would be sent. */
  'transfers.propose': plain(
    z.object({ files: z.array(fileToken).min(1).max(FILES_LIMIT) }),
    z.object({ files: z.array(proposalSchema) }),
  ),
  /** What a job would do: nothing is written. */
  'transfers.plan': plain(z.object({ request: transferRequestSchema }), transferPlanSchema),
  /** Adds a job at the end of the queue. */
  'transfers.start': plain(
    z.object({ request: transferRequestSchema }),
    z.object({ job: transferJobSchema }),
  ),
  /** Every job: those that are not done in their order, then the ended ones, latest first. */
  'transfers.list': plain(
    nothing,
    z.object({
      jobs: z.array(transferJobSchema),
      /** Why nothing can be started here: another Tallyman keeps the list. */
      locked: errorSchema.exactOptional(),
    }),
  ),
  /** The items of one job, as many as are shown. */
  'transfers.items': plain(z.object({ id: jobId }), z.object({ items: z.array(transferItemSchema) })),
  'transfers.pause': plain(jobIds, nothing),
  /** Goes on with paused and interrupted jobs. */
  'transfers.resume': plain(jobIds, nothing),
  /** Ends jobs and lets go of everything they have, here and at the places. */
  'transfers.cancel': plain(jobIds, nothing),
  /** Tries failed and cancelled jobs again; what is finished of them is not sent twice. */
  'transfers.retry': plain(jobIds, nothing),
  /** Takes ended jobs off the list: those named, or all. */
  'transfers.clear': plain(z.object({ ids: z.array(jobId).max(JOBS_PER_CALL).exactOptional() }), nothing),

  /** Gives a manifest that is there a name. Answers what had the name before, so that it can be given back. */
  'tags.set': plain(
    z.object({ target: targetAddressSchema, reference, tag }),
    z.object({ digest: z.string(), before: z.string().exactOptional() }),
  ),
  /** Takes a name away and leaves the content; UNSUPPORTED where the place cannot. `tags.set` with the digest undoes it. */
  'tags.remove': plain(z.object({ target: targetAddressSchema, tag }), z.object({ digest: z.string() })),
} as const;
