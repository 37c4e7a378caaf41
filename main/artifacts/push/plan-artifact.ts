import { isSameMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { planChartPush } from '../chart/plan-chart-push.ts';
import { wasmConfig } from './wasm-config.ts';
import { planPush, type PlanPushOptions, type PushPlan, type PushRequest } from './plan-push.ts';

/**
 * As `planPush`, with the forms of other tools where the config's type asks for them and no config file is given: a chart (and its
 * provenance) as `helm push` writes it, a WASM module as the CNCF's WASM artifact.
 * @throws TallymanError as `planPush` and `planChartPush`.
 */
export async function planArtifact(request: PushRequest, options: PlanPushOptions): Promise<PushPlan> {
  const { config, files, subject } = request;
  if (config?.mediaType === undefined || config.path !== undefined || config.make !== undefined)
    return planPush(request, options);
  const [first, second, ...more] = files;
  if (
    isSameMediaType(config.mediaType, MEDIA_TYPES.helmConfig) &&
    first !== undefined &&
    subject === undefined
  ) {
    const provenance = [first, second].find((file) => file?.path.endsWith('.prov') === true);
    const chart = first === provenance ? second : first;
    const onlyCharts = more.length === 0 && (second === undefined || provenance !== undefined);
    if (chart !== undefined && onlyCharts)
      return planChartPush(
        { chart: chart.path, ...(provenance === undefined ? {} : { provenance: provenance.path }) },
        options,
      );
  }
  if (isSameMediaType(config.mediaType, MEDIA_TYPES.wasmConfig) && first !== undefined)
    return planPush({ ...request, config: { ...config, make: await wasmConfig(first.path) } }, options);
  return planPush(request, options);
}
