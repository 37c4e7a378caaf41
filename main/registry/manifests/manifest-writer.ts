import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { FetchedManifest, Target } from '../../content/target.ts';
import type { ManifestToWrite, TargetWriter } from '../../content/target-writer.ts';
import { verifiableAlgorithm, verifyBytes } from '../../content/verify-content.ts';
import type { FallbackTags } from '../referrers/fallback-tags.ts';
import { listedReferrer } from '../referrers/listed-referrer.ts';
import { createReferrerWriter, type PushedReferrer } from '../referrers/referrer-writer.ts';
import type { SerialWork } from '../referrers/serial-work.ts';
import { deleteManifest } from './delete-manifest.ts';
import { manifestPlace } from './manifest-question.ts';
import {
  PUSHED_MANIFEST_LIMIT,
  putManifest,
  putTags,
  type PushedManifest,
  type PushPlace,
} from './push-manifest.ts';
import { inParallel } from './in-parallel.ts';
import { createRecentManifests } from './recent-manifests.ts';

/** The part of a writer that is about manifests and their names. */
export interface ManifestWriter
  extends
    Pick<TargetWriter, 'writeManifests' | 'tag'>,
    Required<Pick<TargetWriter, 'untag' | 'removeManifest'>> {}

/** What it writes to, and what it reads with. */
export interface ManifestWriterParts extends PushPlace {
  readonly target: Target;
  readonly fallbackTags: FallbackTags;
  /** Shared by all writers of the repository. */
  readonly subjectWork: SerialWork;
}

interface Prepared extends PushedManifest {
  readonly tags: readonly string[];
  readonly referrer: PushedReferrer | undefined;
}

/** Makes the manifest part of one repository's writer. */
export function createManifestWriter(parts: ManifestWriterParts): ManifestWriter {
  const { client, repository, target, fallbackTags, subjectWork } = parts;

  const writeReferrers = createReferrerWriter(parts);
  const recent = createRecentManifests();

  const checkTag = (tag: string): void => {
    if (manifestPlace(client, repository, tag).digest === undefined) return;
    throw new TallymanError({
      code: 'INVALID_REFERENCE',
      message: `${tag} is a digest, not a tag.`,
      hint: 'A tag is up to 128 letters, digits, “_”, “.” and “-”.',
    });
  };

  return {
    async writeManifests(manifests, { signal, onStored }) {
      const prepared = manifests.map(prepare);
      for (const { tags } of prepared) tags.forEach(checkTag);
      // A tag stores a manifest along with the name, so that one request does.
      const plain = prepared.filter(({ referrer, tags }) => referrer === undefined && tags.length === 0);
      await inParallel(plain, signal, async (manifest) => {
        await putManifest(parts, manifest, manifest.descriptor.digest, { signal });
        onStored?.(manifest.descriptor.digest);
      });
      const notes = await writeReferrers(
        prepared.flatMap(({ referrer }) => referrer ?? []),
        { signal, onStored },
      );
      const tagged = prepared.filter(({ tags }) => tags.length > 0);
      await inParallel(tagged, signal, async (manifest) => {
        await putTags(parts, manifest, manifest.tags, signal);
        onStored?.(manifest.descriptor.digest);
      });
      for (const manifest of prepared) recent.remember(manifest);
      return {
        descriptors: prepared.map(({ descriptor }) => descriptor),
        notes,
      };
    },

    async tag(tag, descriptor, { signal }) {
      checkTag(tag);
      const manifest = recent.find(descriptor) ?? (await target.fetchManifest(descriptor, { signal }));
      await putTags(parts, manifest, [tag], signal);
    },

    async untag(tag, { signal }) {
      checkTag(tag);
      const before = await target.fetchManifest(tag, { signal });
      await deleteManifest(parts, tag, signal);
      await restoreContent(before, signal);
    },

    async removeManifest({ digest }, { signal }) {
      verifiableAlgorithm(digest);
      const subject = subjectOf(await target.fetchManifest(digest, { signal }));
      await deleteManifest(parts, digest, signal);
      const notes: ErrorData[] = [];
      try {
        if ((await target.resolve(digest, { signal })) !== undefined) notes.push(stillThere(parts, digest));
        if (subject === undefined) return { notes };
        const change = { add: [], remove: new Set([digest]) };
        const note = await subjectWork.run(subject, () => fallbackTags.update(subject, change, signal));
        if (note !== undefined) notes.push(note);
      } catch (error) {
        // The manifest is gone; a list that still names it is a flaw, not a failure of what was asked.
        if (isCancellation(error)) throw error;
        notes.push(toErrorData(error));
      }
      return { notes };
    },
  };

  /** Some registries delete what a tag names along with it (old ones, by the letter of their API): it is put back. */
  async function restoreContent(before: FetchedManifest, signal: AbortSignal): Promise<void> {
    const { digest } = before.descriptor;
    if ((await target.resolve(digest, { signal })) !== undefined) return;
    await putManifest(parts, before, digest, { signal });
    client.warnings.tell(
      `${client.host}/${repository} deleted the content along with its tag; it was put back as ${digest}. Other tags of it may be gone.`,
    );
  }
}

function stillThere({ client, repository }: PushPlace, digest: Digest): ErrorData {
  return {
    code: 'CONFLICT',
    message: `${client.host}/${repository} said that it deleted ${digest} and still has it.`,
    hint: 'Somebody may have pushed it again, or the registry deletes later. Look again in a while.',
  };
}

function prepare({ bytes, mediaType, digest: expected, tags = [] }: ManifestToWrite): Prepared {
  const digest = digestOf(bytes, expected === undefined ? 'sha256' : verifiableAlgorithm(expected));
  const descriptor: Descriptor = { mediaType, digest, size: bytes.byteLength };
  if (expected !== undefined) verifyBytes(bytes, { digest: expected, size: bytes.byteLength });
  if (bytes.byteLength > PUSHED_MANIFEST_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `The manifest ${digest} has ${bytes.byteLength} bytes; at most ${PUSHED_MANIFEST_LIMIT} are pushed.`,
      hint: 'Registries need not take more. Put large content into a layer, or leave annotations out.',
      details: { limit: PUSHED_MANIFEST_LIMIT },
    });
  }
  const listed = listedReferrer({ bytes, descriptor });
  const referrer = listed === undefined ? undefined : { ...listed, bytes, descriptor };
  return { bytes, descriptor, tags, referrer };
}

function subjectOf({ bytes, descriptor }: FetchedManifest): Digest | undefined {
  try {
    return parseManifest(bytes, descriptor.mediaType).subject?.digest;
  } catch {
    // What nobody can read is in no list either.
    return undefined;
  }
}
