import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { foldedField } from '../../../shared/oci/folded-field.ts';
import { field, isJsonObject, nameType, type JsonObject } from '../../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import { describeFault } from '../layout-index.ts';

/** One image in the `manifest.json` of a docker archive. Paths are as the document has them, not cleaned. */
export interface DockerImage {
  /** The file of the image's config. */
  readonly config: string;
  /** `repository:tag`; none for an image that was saved by its id. */
  readonly names: readonly string[];
  /** The files of the layers, bottom first. */
  readonly layers: readonly string[];
}

/** What `docker save` writes where an image has no name. */
const NO_NAME = '<none>:<none>';

const DECIDING_FIELDS = ['Config', 'RepoTags', 'Layers'] as const;

/**
 * Reads `manifest.json` of a docker archive (moby image/tarexport). Fields beside the three are ignored: `Parent` and
 * `LayerSources` say nothing about the content.
 * @throws TallymanError MALFORMED, AMBIGUOUS or LIMIT; whatever the bytes, it ends with one of them or with the images.
 */
export function parseDockerManifest(bytes: Uint8Array, place: string): readonly DockerImage[] {
  let document: unknown;
  try {
    document = parseStrictJson(bytes);
  } catch (error) {
    const code = error instanceof TallymanError ? error.code : 'MALFORMED';
    throw unreadable(place, describeFault(error), code, error);
  }
  if (!Array.isArray(document))
    throw unreadable(place, `it holds ${nameType(document)}, not a list of images`);
  return document.map((value: unknown, position) => readImage(value, `[${position}]`, place));
}

function readImage(value: unknown, where: string, place: string): DockerImage {
  if (!isJsonObject(value)) throw unreadable(place, `${where} is ${nameType(value)}, not an image`);
  const folded = foldedField(value, DECIDING_FIELDS);
  if (folded !== undefined) {
    const what = `${where} has a field ${quoteText(folded)}, which some programs read as another field`;
    throw unreadable(place, what, 'AMBIGUOUS');
  }
  const config = field(value, 'Config');
  if (typeof config !== 'string' || config === '')
    throw unreadable(place, `${where}.Config is ${nameType(config)}, not the path of a file`);
  const names = readTexts(value, 'RepoTags', where, place).filter((name) => name !== NO_NAME);
  return { config, names: [...new Set(names)], layers: readTexts(value, 'Layers', where, place) };
}

/** A list of texts; null and absent are empty, as Go programs write them. */
function readTexts(image: JsonObject, name: string, where: string, place: string): readonly string[] {
  const value = field(image, name) ?? [];
  if (!Array.isArray(value)) throw unreadable(place, `${where}.${name} is ${nameType(value)}, not a list`);
  return value.map((text: unknown, position) => {
    if (typeof text === 'string' && text !== '') return text;
    throw unreadable(place, `${where}.${name}[${position}] is ${nameType(text)}, not a text`);
  });
}

function unreadable(
  place: string,
  what: string,
  code: TallymanError['code'] = 'MALFORMED',
  cause?: unknown,
): TallymanError {
  return new TallymanError(
    {
      code,
      message: `The file manifest.json of the docker archive ${place} cannot be read: ${what}.`,
      hint: 'Save the images again with the program that made the archive.',
      details: { file: 'manifest.json' },
    },
    { cause },
  );
}
