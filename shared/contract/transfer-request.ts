import { z } from 'zod';
import { platformSchema, targetAddressSchema } from './common.ts';
import { fileToken } from './files.ts';
import { EXISTING_FILE_CHOICES, IMAGE_SPEC_VERSIONS, PULL_PARTS, PUSH_FORMS } from './transfer-words.ts';

/** Files of one push. */
export const FILES_LIMIT = 10_000;
/** Tags of one push or copy. */
const TAGS_LIMIT = 100;
/** Platforms that one copy chooses. */
const PLATFORMS_LIMIT = 100;

export const tag = z.string().max(1024);
/** A tag or a digest. */
export const reference = z.string().max(1024);
const mediaType = z.string().max(512);
const digest = z.string().max(256);
const annotations = z.record(z.string().max(1024), z.string().max(65_536));

/**
 * What a person asks for, with files named in one way or another.
 *
 * @param file - a token that a window has, or a path that the services made of it
 */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the schema is the type
export function requestSchemaWith(file: z.ZodString) {
  const artifact = {
    target: targetAddressSchema,
    files: z
      .array(
        z.object({
          file,
          /** oras' when absent: a tar, of a folder a tar.gz. `transfers.propose` knows better. */
          mediaType: mediaType.exactOptional(),
          /** Its own name when absent. */
          title: z.string().max(4096).exactOptional(),
          annotations: annotations.exactOptional(),
        }),
      )
      .max(FILES_LIMIT),
    artifactType: mediaType.exactOptional(),
    /** The type of a WASM module's config without a file: it is made of the module. */
    config: z.object({ file: file.exactOptional(), mediaType: mediaType.exactOptional() }).exactOptional(),
    annotations: annotations.exactOptional(),
    imageSpec: z.enum(IMAGE_SPEC_VERSIONS).exactOptional(),
    /** RFC 3339; now when absent. Give the same one to `transfers.plan` and `transfers.start`: then the manifest is what was shown. */
    created: z.string().max(64).exactOptional(),
  };
  const from = z.object({ target: targetAddressSchema, reference });
  const platforms = z.array(platformSchema).max(PLATFORMS_LIMIT).exactOptional();

  return z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('push'),
      ...artifact,
      /** `chart`: the one file is a Helm chart and goes as `helm push` sends it; types and annotations are those of the chart. */
      form: z.enum(PUSH_FORMS).exactOptional(),
      tags: z.array(tag).max(TAGS_LIMIT),
    }),
    z.object({
      kind: z.literal('attach'),
      ...artifact,
      /** Tag or digest of the image, index, child or referrer that it is attached to. */
      subject: reference,
    }),
    z.object({
      kind: z.literal('pull'),
      target: targetAddressSchema,
      reference,
      /** The folder into which files are written. */
      folder: file,
      existing: z.enum(EXISTING_FILE_CHOICES),
      /** Its files when absent; `rootfs`: the file system of an image as one tar. */
      part: z.enum(PULL_PARTS).exactOptional(),
      /** Of an index with several. */
      platform: platformSchema.exactOptional(),
      /** Of the files, only the one with this digest. */
      only: digest.exactOptional(),
      /** Instead of all that: this one blob, as the graph names it, under its digest or a name. */
      blob: z
        .object({
          digest,
          mediaType,
          size: z.number().int().nonnegative(),
          name: z.string().max(1024).exactOptional(),
        })
        .exactOptional(),
    }),
    z.object({
      kind: z.literal('copy'),
      from,
      /** A place that is known, or a layout folder that is made when it is missing. */
      to: z.union([z.object({ target: targetAddressSchema }), z.object({ layout: file })]),
      /** Names at the destination; the tag of the source when absent. */
      tags: z.array(tag).max(TAGS_LIMIT).exactOptional(),
      referrers: z.boolean(),
      /** All when absent. */
      platforms,
    }),
    z.object({
      kind: z.literal('import'),
      /** An OCI layout (folder or tar) or what `docker save` wrote. */
      file,
      target: targetAddressSchema,
    }),
    z.object({
      kind: z.literal('export'),
      from,
      /** The archive to write, OCI layout and what `docker load` reads in one; `.tar.gz` and `.tgz` are compressed. */
      file,
      referrers: z.boolean(),
      platform: platformSchema.exactOptional(),
    }),
    z.object({
      kind: z.literal('delete'),
      target: targetAddressSchema,
      reference,
      /** Deletes what refers to it as well, over all levels. */
      referrers: z.boolean(),
    }),
  ]);
}

/** What a window asks for: files are named by tokens, see `fileToken`. */
export const transferRequestSchema = requestSchemaWith(fileToken);
export type TransferRequest = z.infer<typeof transferRequestSchema>;
