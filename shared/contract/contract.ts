import { z } from 'zod';
import { targetAddressSchema } from './common.ts';
import { contentSchema, descriptionSchema } from './content.ts';
import { fileProcedures, fileToken } from './files.ts';
import { graphStepSchema, graphSummarySchema } from './graph.ts';
import { PLACE_TEXT_LIMIT } from './place-text-limit.ts';
import { ROWS_PER_CALL } from './rows-per-call.ts';
import { plain, stream } from './procedure.ts';
import { repositoryEntrySchema, resolvedTagSchema, rowDetailsSchema } from './repository.ts';
import { placeSchema, sourceSchema } from './source.ts';
import { servedSchema, storeProcedures } from './store.ts';
import { transferProcedures, transfersChangedSchema } from './transfers.ts';

const nothing = z.object({});
const digest = z.string().max(256);
const tag = z.string().max(1024);
const source = z.string().max(PLACE_TEXT_LIMIT);
const repository = z.string().max(1024);

/** What a node of the graph is called in questions about it: enough to read it without asking for its parents. */
const nodeAddress = z.object({
  target: targetAddressSchema,
  digest,
  mediaType: z.string().max(512),
  size: z.number().int().nonnegative(),
  /** True for manifests and indexes, false for configs, layers and other blobs. */
  manifest: z.boolean(),
});

/** Every procedure of Tallyman. Types, the validating dispatcher, the client and the handler test come from it. */
export const contract = {
  /** Which host serves this window, and what it can do. */
  'host.info': plain(
    nothing,
    z.object({
      host: z.enum(['electron', 'web', 'command-line']),
      version: z.string(),
      operatingSystem: z.string(),
      canPickFolder: z.boolean(),
      /** Whether `files.pick` works; else files are dropped and destinations typed. */
      canPickFiles: z.boolean(),
      /** Whether files can be dragged out of the window: `content.prepareDrag`. */
      canDragOut: z.boolean(),
      /** A place to open first: the reference or path given on the command line. */
      open: z.string().exactOptional(),
    }),
  ),

  'sources.list': plain(nothing, z.object({ sources: z.array(sourceSchema) })),
  /** Adds a registry (host) or a layout (path); answers the existing one when it is there already. */
  'sources.add': plain(
    z.object({
      kind: z.enum(['registry', 'layout']),
      location: source,
      plainHttp: z.boolean().exactOptional(),
    }),
    z.object({ source: sourceSchema }),
  ),
  'sources.remove': plain(z.object({ source }), nothing),
  'sources.pin': plain(z.object({ source, repository, pinned: z.boolean() }), nothing),
  /** Lets the person pick a layout folder or archive in a native dialog; no source when they close it. */
  'sources.pick': plain(
    z.object({ what: z.enum(['folder', 'archive']) }),
    z.object({ source: sourceSchema.exactOptional() }),
  ),

  /** What a typed text means; adds the source it names when it is new. */
  'place.resolve': plain(
    z.object({ text: z.string().max(PLACE_TEXT_LIMIT) }),
    z.object({ place: placeSchema }),
  ),

  /** Asks `GET /v2/` (or reads `oci-layout`): answers whether the place can be used, errors say why not. */
  'sources.probe': plain(z.object({ source }), z.object({ source: sourceSchema })),
  'accounts.signIn': plain(
    z.object({ source, username: z.string().max(1024), password: z.string().max(65536) }),
    z.object({ source: sourceSchema }),
  ),
  'accounts.signOut': plain(z.object({ source }), z.object({ source: sourceSchema })),

  /** The catalog in pages. UNSUPPORTED or DENIED where a registry has none: pinned repositories remain. */
  'repositories.list': stream(
    z.object({ source }),
    z.object({ total: z.number() }),
    z.object({ repositories: z.array(z.string()) }),
  ),
  /** Tags (and untagged entries of layouts) in pages. */
  'repository.entries': stream(
    z.object({ target: targetAddressSchema }),
    z.object({ total: z.number() }),
    z.object({ entries: z.array(repositoryEntrySchema) }),
  ),
  /** Digests behind tags, for rows on screen; each row comes as its answer does. */
  'repository.resolve': stream(
    z.object({ target: targetAddressSchema, tags: z.array(tag).max(ROWS_PER_CALL) }),
    nothing,
    z.object({ rows: z.array(resolvedTagSchema) }),
  ),
  /** Kind, size, age and attachments, for rows on screen; each row comes as its answer does. */
  'repository.describe': stream(
    z.object({ target: targetAddressSchema, digests: z.array(digest).max(ROWS_PER_CALL) }),
    nothing,
    z.object({ rows: z.array(rowDetailsSchema) }),
  ),

  /** Walks the graph around a tag or digest; without either, around every entry of the place's index. */
  'graph.walk': stream(
    z.object({ target: targetAddressSchema, reference: tag.exactOptional() }),
    graphSummarySchema,
    graphStepSchema,
  ),

  /** The facts of one node. */
  'content.describe': plain(nodeAddress, descriptionSchema),
  /** The bytes of one node up to a limit, for JSON and Raw. */
  'content.read': plain(nodeAddress, contentSchema),
  /** A one-time address below the page's own origin, from which the bytes of one node can be saved. */
  'content.saveAddress': plain(
    nodeAddress.extend({ fileName: z.string().max(255) }),
    z.object({ path: z.string() }),
  ),
  /**
   * Makes a blob ready to be dragged out of the window as a file, or the files of an artifact in a folder. The host makes the name safe.
   * LIMIT for what is too large for that, UNSUPPORTED where `host.info` says `canDragOut: false`.
   */
  'content.prepareDrag': plain(
    nodeAddress.extend({ fileName: z.string().max(255) }),
    /** A token that is good for one drag, and the safe name. */
    z.object({ drag: fileToken, name: z.string() }),
  ),
  /** To be called while the mouse button is held: goes on with the drag outside of the window. */
  'content.startDrag': plain(z.object({ drag: fileToken }), nothing),

  /** Puts the sample graph (image → SBOM → signature → SARIF) into the local store; the same place when it is there. */
  'sample.create': plain(nothing, z.object({ place: placeSchema })),

  ...storeProcedures,
  ...fileProcedures,
  ...transferProcedures,

  /** A line of the renderer's own log: errors that no view showed. */
  'log.write': plain(
    z.object({
      level: z.enum(['error', 'warning']),
      message: z.string().max(8192),
      stack: z.string().max(16384).exactOptional(),
    }),
    nothing,
  ),
} as const;

/** Events that a host sends without being asked. */
export const broadcasts = {
  'sources.changed': z.object({ sources: z.array(sourceSchema) }),
  /** All layouts that are served as registries now. */
  'serving.changed': z.object({ served: z.array(servedSchema) }),
  'transfers.changed': transfersChangedSchema,
  /** `Warning: 299` of a registry, once for each text and registry (distribution-spec, Warnings). */
  'registry.warning': z.object({ source: z.string(), text: z.string() }),
  /** Open this place: a second start of the program, a link, or the menu. */
  'place.open': z.object({ text: z.string() }),
  /** A command of the native menu. */
  'command.run': z.object({ command: z.string() }),
} as const;

export type Contract = typeof contract;
export type ProcedureName = keyof Contract;
export type ProcedureInput<Name extends ProcedureName> = z.input<Contract[Name]['input']>;
export type ProcedureOutput<Name extends ProcedureName> = z.output<Contract[Name]['output']>;
export type ProcedureStep<Name extends ProcedureName> = z.output<Contract[Name]['step']>;

export type Broadcasts = typeof broadcasts;
export type BroadcastName = keyof Broadcasts;
export type Broadcast<Name extends BroadcastName> = z.output<Broadcasts[Name]>;
