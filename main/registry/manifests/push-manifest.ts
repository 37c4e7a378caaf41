import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestAlgorithm, type Digest } from '../../../shared/oci/digest.ts';
import { refusedChange } from '../answers/refused-change.ts';
import { pushScope } from '../auth/token-scope.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import type { RegistryChange, RegistryClient } from '../registry-client.ts';
import { announcedDigest } from './fetch-manifest.ts';

/** Bytes of a manifest that is pushed: what every registry has to take (distribution-spec, Pushing Manifests: 4 megabytes). */
export const PUSHED_MANIFEST_LIMIT = 4 * 1024 * 1024;

/** Tags that one request names; registries need not take more (distribution-spec, end-7b). */
const TAGS_PER_REQUEST = 10;

/** A manifest that is pushed as it is. */
export interface PushedManifest {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** Where it goes. */
export interface PushPlace {
  readonly client: RegistryClient;
  readonly repository: string;
}

/** What a PUT of a manifest said. */
export interface ManifestAnswer {
  /** The registry keeps the list of what refers to the subject (`OCI-Subject`). */
  readonly handlesSubject: boolean;
  /** Tags that it says it has set. */
  readonly tags: ReadonlySet<string>;
}

/** Conditions of a PUT, for registries that know them (RFC 9110, 13.1). */
export type PushConditions = Readonly<Partial<Record<'if-match' | 'if-none-match', string>>>;

/**
 * Puts a manifest under a tag or digest, repeated when the registry has trouble: the same bytes in the same place change nothing.
 * @param reference - checked: a tag, or the manifest's own digest.
 * @param tags - further names for a push by digest, which not every registry takes.
 * @throws TallymanError LIMIT, MISSING, DENIED, CONFLICT, UNSUPPORTED, DIGEST_MISMATCH, …
 */
export async function putManifest(
  place: PushPlace,
  manifest: PushedManifest,
  reference: string,
  { tags = [], signal }: { readonly tags?: readonly string[]; readonly signal: AbortSignal },
): Promise<ManifestAnswer> {
  const query = tags.map((tag) => `tag=${tag}`).join('&');
  const change = manifestChange(place, manifest, `${reference}${query === '' ? '' : `?${query}`}`, signal);
  return readAnswer(place, manifest, reference, await place.client.changeAgain(change));
}

/** The same once, under a condition; `undefined` when the condition does not hold (412). */
export async function putManifestIf(
  place: PushPlace,
  manifest: PushedManifest,
  tag: string,
  { conditions, signal }: { readonly conditions: PushConditions; readonly signal: AbortSignal },
): Promise<ManifestAnswer | undefined> {
  const change = manifestChange(place, manifest, tag, signal);
  const headers = { ...change.headers, ...conditions };
  const answer = await place.client.change({ ...change, headers });
  const isConditional = Object.keys(conditions).length > 0;
  return answer.status === 412 && isConditional ? undefined : readAnswer(place, manifest, tag, answer);
}

function manifestChange(
  { repository }: PushPlace,
  { bytes, descriptor }: PushedManifest,
  target: string,
  signal: AbortSignal,
): RegistryChange {
  return {
    method: 'PUT',
    at: `/v2/${repository}/manifests/${target}`,
    headers: { 'content-type': descriptor.mediaType },
    need: { repository, scopes: [pushScope(repository)] },
    body: bytes,
    patient: true,
    signal,
  };
}

function readAnswer(
  place: PushPlace,
  { descriptor }: PushedManifest,
  reference: string,
  answer: WholeAnswer,
): ManifestAnswer {
  const { client } = place;
  const tried = `Pushing the manifest ${nameOf(place, reference)}`;
  if (answer.status >= 300) throw refusedChange(answer, { tried, action: 'push' }, client);
  const named = announcedDigest(answer);
  if (named !== undefined && named !== descriptor.digest && isComparable(named, descriptor.digest)) {
    throw new TallymanError({
      code: 'DIGEST_MISMATCH',
      message: `${tried}: ${client.host} stored it as ${named} instead of ${descriptor.digest}.`,
      hint: 'The registry changed it, so that nothing that names it finds it. Ask whoever runs the registry.',
      details: { expected: descriptor.digest, actual: named },
    });
  }
  const lists = answer.headers.all('oci-tag').flatMap((line) => line.split(','));
  return {
    handlesSubject: answer.headers.first('oci-subject') !== undefined,
    tags: new Set(lists.map((tag) => tag.trim())),
  };
}

function isComparable(left: Digest, right: Digest): boolean {
  return digestAlgorithm(left) === digestAlgorithm(right);
}

/**
 * Gives a stored manifest its tags: several in one request where the registry can, else one after the other.
 * @throws TallymanError UNSUPPORTED for a digest that only a registry that can could tag: others name what they get by a tag by
 * sha256; else as `putManifest`.
 */
export async function putTags(
  place: PushPlace,
  manifest: PushedManifest,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { digest } = manifest.descriptor;
  const isUsual = digestAlgorithm(digest) === 'sha256';
  const left = new Set(tags);
  while (left.size > (isUsual ? 1 : 0)) {
    const asked = [...left].slice(0, TAGS_PER_REQUEST);
    const { tags: set } = await putManifest(place, manifest, digest, { tags: asked, signal });
    const taken = asked.filter((tag) => left.has(tag) && set.has(tag));
    for (const tag of taken) left.delete(tag);
    if (taken.length === 0) break;
  }
  for (const tag of left) {
    if (!isUsual) throw cannotTag(place, tag, digest);
    await putManifest(place, manifest, tag, { signal });
  }
}

function nameOf({ client, repository }: PushPlace, reference: string): string {
  return `${client.host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

function cannotTag({ client, repository }: PushPlace, tag: string, digest: Digest): TallymanError {
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: `${client.host}/${repository} has ${digest}, but cannot give it the tag ${tag}: it names what is pushed by tag by its sha256 digest.`,
    hint: 'It can be read by its digest. To give it a tag there, use content that is named by sha256.',
  });
}
