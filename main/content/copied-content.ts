import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { field } from '../../shared/oci/json-object.ts';
import type { ManifestDocument, ParsedManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import { isForeignLayer, isForeignMediaType } from './manifest-content.ts';

const TITLE = 'org.opencontainers.image.title';

/** A blob that a manifest names. */
export interface CopiedBlob {
  readonly descriptor: Descriptor;
  /** For a person: its title, or what it is. */
  readonly name: string;
  /** It also lies elsewhere (`urls`), so that the source need not have it. */
  readonly mayBeAbsent: boolean;
}

/** What has to be at the destination before a manifest, or beside it. */
export interface CopiedContent {
  readonly children: readonly Descriptor[];
  readonly blobs: readonly CopiedBlob[];
  /** Layers that must not be distributed: they stay where they are (image-spec layer.md, Non-Distributable Layers). */
  readonly foreign: readonly Descriptor[];
}

/**
 * What a document names, for a copy.
 * @throws TallymanError UNSUPPORTED for Docker schema 1, which does not say how large its layers are; MALFORMED, AMBIGUOUS or
 * MEDIA_TYPE_MISMATCH for a document in which something is named that cannot be read, as it would be lost.
 */
export function contentToCopy(parsed: ParsedManifest): CopiedContent {
  if (parsed.form === 'schema-1') {
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: 'It is a Docker schema 1 manifest, which today’s registries do not take.',
      hint: 'Convert it first: pull and push it with a current Docker or skopeo.',
    });
  }
  refuseLoss(parsed);
  if (parsed.form === 'index') {
    const others = parsed.manifests.filter(({ mediaType }) => !isManifestMediaType(mediaType));
    return {
      children: parsed.manifests.filter(({ mediaType }) => isManifestMediaType(mediaType)),
      blobs: others.map((descriptor) => toBlob(descriptor, 'content')),
      foreign: [],
    };
  }
  const { config, layers } = parsed;
  const own = layers.map((descriptor, position) => toBlob(descriptor, `layer ${position + 1}`));
  return {
    children: [],
    blobs: [
      ...(config === undefined ? [] : [toBlob(config, 'config')]),
      ...own.filter(({ descriptor }) => !isForeignMediaType(descriptor)),
    ],
    foreign: layers.filter(isForeignMediaType),
  };
}

function toBlob(descriptor: Descriptor, role: string): CopiedBlob {
  return {
    descriptor,
    name: descriptor.annotations?.[TITLE] ?? role,
    mayBeAbsent: isForeignLayer(descriptor),
  };
}

/** Descriptors that could not be read are left out of the lists: a copy would lose what they name. */
function refuseLoss(parsed: Exclude<ParsedManifest, { readonly form: 'schema-1' }>): void {
  const mismatch = parsed.problems.find(({ code }) => code === 'MEDIA_TYPE_MISMATCH');
  if (mismatch !== undefined) throw new TallymanError(mismatch);
  const [problem] = parsed.problems;
  if (problem === undefined) return;
  const lists =
    parsed.form === 'index'
      ? [listed(parsed, 'manifests', parsed.manifests)]
      : [
          listed(parsed, 'layers', parsed.layers) || listed(parsed, 'blobs', parsed.layers),
          hasConfig(parsed),
        ];
  const subjectRead = isAbsent(parsed, 'subject') || parsed.subject !== undefined;
  if (lists.every(Boolean) && subjectRead) return;
  throw new TallymanError({
    ...problem,
    message: `Something that it names cannot be read, and would be lost: ${problem.message}`,
  });
}

function listed(parsed: ParsedManifest, name: string, read: readonly Descriptor[]): boolean {
  const value = field(parsed.document, name);
  return Array.isArray(value) ? value.length === read.length : isAbsent(parsed, name) && read.length === 0;
}

function hasConfig(parsed: ManifestDocument): boolean {
  return isAbsent(parsed, 'config') || parsed.config !== undefined;
}

function isAbsent(parsed: ParsedManifest, name: string): boolean {
  const value = field(parsed.document, name);
  return value === undefined || value === null;
}
