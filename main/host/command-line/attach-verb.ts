import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { formatPlatform, selectPlatform } from '../../../shared/oci/platform.ts';
import { planPush } from '../../artifacts/push/plan-push.ts';
import type { Target } from '../../content/target.ts';
import { ARTIFACT_OPTIONS, readArtifactRequest } from './artifact-arguments.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createOpenPlaces } from './open-place.ts';
import { parseWords } from './parse-words.ts';
import { readPlatformArgument } from './platform-argument.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { artifactJson, artifactText, planOutput, printNotes, writeArtifact } from './write-artifact.ts';

/** `tallyman attach PLACE FILE[:TYPE]…`: files become an artifact about another, as `oras attach` makes it. */
export async function runAttach(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals } = parseWords(words, { ...ARTIFACT_OPTIONS, platform: { type: 'string' } });
  const { signal, workingDirectory, stdout } = surroundings;
  const [named, ...files] = positionals;
  if (named === undefined) throw new UsageError('PLACE is missing: what to attach to.');
  if (values['artifact-type'] === undefined)
    throw new UsageError('--artifact-type is missing: what is attached has to say what it is.');
  const request = await readArtifactRequest(files, values, workingDirectory);
  const places = createOpenPlaces(surroundings, { plainHttp: values['plain-http'] === true });
  try {
    const { target, reference } = await places.open(named);
    if (reference === undefined)
      throw new UsageError('Attach to what? Put :TAG or @DIGEST behind the place.');
    const subject = await findSubject(target, reference, values.platform, signal);
    const plan = await planPush({ ...request, subject }, { signal, mayBlock: true });
    try {
      if (values.plan === true) {
        stdout(planOutput(plan, values.json === true));
        return EXIT.whole;
      }
      const outcome = await writeArtifact(plan, target, [], surroundings);
      stdout(
        values.json === true
          ? artifactJson(plan, outcome, { subject: subject.digest })
          : artifactText(`Attached to ${target.label}@${subject.digest}`, outcome),
      );
      return printNotes(outcome, surroundings) ? EXIT.partial : EXIT.whole;
    } finally {
      await plan.close();
    }
  } finally {
    await places.close();
  }
}

/** What is attached to: the manifest or index itself, or an index's child for a platform. */
async function findSubject(
  target: Target,
  reference: string,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<Descriptor> {
  if (platform === undefined) {
    const subject = await target.resolve(reference, { signal });
    if (subject !== undefined) return subject;
    throw new TallymanError({
      code: 'NOT_FOUND',
      message: `${target.label} has no ${quoteText(reference)}.`,
      hint: 'Nothing was attached. Look what the place has: tallyman graph.',
    });
  }
  const wanted = readPlatformArgument(platform);
  const { descriptor, bytes } = await target.fetchManifest(reference, { signal });
  const document = parseManifest(bytes, descriptor.mediaType);
  const child = document.form === 'index' ? selectPlatform(document.manifests, wanted) : undefined;
  if (child !== undefined) return child;
  throw new TallymanError({
    code: 'NOT_FOUND',
    message:
      document.form === 'index'
        ? `${quoteText(reference)} has nothing for ${quoteText(formatPlatform(wanted))}.`
        : `${quoteText(reference)} is one manifest, not an index with platforms.`,
    hint: 'Nothing was attached.',
  });
}
