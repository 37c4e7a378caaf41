import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';

/** The part of a chart's `Chart.yaml` that names it; Helm writes it as JSON into the config blob. */
export interface HelmChartName {
  readonly name?: string;
  readonly version?: string;
}

/**
 * Reads the config of a Helm chart.
 * @throws TallymanError MALFORMED, AMBIGUOUS or LIMIT when it is no JSON.
 */
export function readHelmConfig(bytes: Uint8Array): HelmChartName {
  const document = parseStrictJson(bytes);
  if (!isJsonObject(document)) return {};
  const name = field(document, 'name');
  const version = field(document, 'version');
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof version === 'string' ? { version } : {}),
  };
}
