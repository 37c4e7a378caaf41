import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { field, isJsonObject, nameType } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import { describeFault } from './layout-index.ts';

/** The only version there is (image-spec specs-go/v1/layout.go); it does not follow the version of the specification. */
export const IMAGE_LAYOUT_VERSION = '1.0.0';

/**
 * Checks the file `oci-layout` (image-spec image-layout.md, oci-layout file). Fields beside the version are allowed.
 * @param place - where the layout lies, for texts.
 * @throws TallymanError MALFORMED when it cannot be read, LAYOUT_VERSION when it names another version.
 */
export function checkLayoutHeader(bytes: Uint8Array, place: string): void {
  const version = readVersion(bytes, place);
  if (version === IMAGE_LAYOUT_VERSION) return;
  throw new TallymanError({
    code: 'LAYOUT_VERSION',
    message: `The layout ${place} has version ${quoteText(version)}; Tallyman reads version ${IMAGE_LAYOUT_VERSION}.`,
    hint: 'It was made by a newer program: look for a newer Tallyman, or copy it with the program that made it.',
    details: { version },
  });
}

function readVersion(bytes: Uint8Array, place: string): string {
  const fault = (what: string, cause?: unknown): TallymanError =>
    new TallymanError(
      {
        code: 'MALFORMED',
        message: `The file oci-layout of ${place} cannot be read: ${what}.`,
        hint: `It should hold {"imageLayoutVersion":"${IMAGE_LAYOUT_VERSION}"}.`,
      },
      { cause },
    );
  if (bytes.byteLength === 0) throw fault('it is empty');
  let document: unknown;
  try {
    document = parseStrictJson(bytes);
  } catch (error) {
    throw fault(describeFault(error), error);
  }
  if (!isJsonObject(document)) throw fault(`it holds ${nameType(document)}, not an object`);
  const version = field(document, 'imageLayoutVersion');
  if (typeof version !== 'string')
    throw fault(`its imageLayoutVersion is ${nameType(version)}, not a string`);
  return version;
}
