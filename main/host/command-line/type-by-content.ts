import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { proposeFile, type ProposedFile } from '../../artifacts/proposal/propose-file.ts';
import type { PushRequest } from '../../artifacts/push/plan-push.ts';

/**
 * Fills in what a push leaves open by what its files are: their types, the type of the artifact where they agree on one, and the config
 * that belongs to a chart or a WASM module. What was said stays.
 * @throws TallymanError INVALID_INPUT for an archive of images, which is no artifact; as `proposeFile`.
 */
export async function typeByContent(request: PushRequest, signal: AbortSignal): Promise<PushRequest> {
  const proposals: ProposedFile[] = [];
  for (const { path } of request.files) proposals.push(await proposeFile(path, { signal }));
  const archive = proposals.find(({ action }) => action === 'import');
  if (archive !== undefined)
    throw new TallymanError({
      code: 'INVALID_INPUT',
      message: `${quoteText(archive.path)} holds images: by content it is no file of an artifact.`,
      hint: 'Take the images in with tallyman import, or push it as a file without --by-content.',
    });
  const [first] = proposals;
  const types = new Set(proposals.flatMap(({ artifactType }) => artifactType ?? []));
  const [artifactType] = types.size === 1 ? types : [];
  const { configMediaType } =
    proposals.find(
      (each) => each.configMediaType !== undefined && (each === first || each.kind === 'helm-chart'),
    ) ?? {};
  return {
    ...request,
    files: request.files.map((file, index) => ({
      ...file,
      mediaType: file.mediaType ?? proposals[index]?.mediaType ?? 'application/octet-stream',
    })),
    ...(request.artifactType === undefined && artifactType !== undefined ? { artifactType } : {}),
    ...(request.config === undefined && configMediaType !== undefined
      ? { config: { mediaType: configMediaType } }
      : {}),
  };
}
