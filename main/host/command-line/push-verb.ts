import { displayText } from '../../../shared/display/display-text.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { planPush } from '../../artifacts/push/plan-push.ts';
import { planArtifact } from '../../artifacts/push/plan-artifact.ts';
import { ARTIFACT_OPTIONS, readArtifactRequest } from './artifact-arguments.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createOpenPlaces } from './open-place.ts';
import { parseWords } from './parse-words.ts';
import type { Surroundings } from './surroundings.ts';
import { typeByContent } from './type-by-content.ts';
import { UsageError } from './usage-error.ts';
import { artifactJson, artifactText, planOutput, printNotes, writeArtifact } from './write-artifact.ts';

const IMAGE_SPECS = { 'v1.0': '1.0', '1.0': '1.0', 'v1.1': '1.1', '1.1': '1.1' } as const;

/** `tallyman push PLACE FILE[:TYPE]…`: files and folders become an artifact, as `oras push` makes it. */
export async function runPush(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals } = parseWords(words, {
    ...ARTIFACT_OPTIONS,
    'image-spec': { type: 'string' },
    'by-content': { type: 'boolean' },
  });
  const { signal, workingDirectory, stdout } = surroundings;
  const [typed, ...files] = positionals;
  if (typed === undefined) throw new UsageError('PLACE is missing: where to push to.');
  const { place, tags: further } = splitTags(typed);
  const imageSpec = readImageSpec(values['image-spec']);
  const request = await readArtifactRequest(files, values, workingDirectory);
  const asked = { ...request, ...(imageSpec === undefined ? {} : { imageSpec }) };
  const byContent = values['by-content'] === true;
  const plan = byContent
    ? await planArtifact(await typeByContent(asked, signal), { signal, mayBlock: true })
    : await planPush(asked, { signal, mayBlock: true });
  try {
    if (values.plan === true) {
      stdout(planOutput(plan, values.json === true));
      return EXIT.whole;
    }
    const places = createOpenPlaces(surroundings, { plainHttp: values['plain-http'] === true });
    try {
      const { target, tag, digest } = await places.open(place, { create: true });
      if (digest !== undefined)
        throw new UsageError(
          'What is pushed gets its digest from its content: put :TAG behind the place, or nothing.',
        );
      const named = [...(tag === undefined ? [] : [tag]), ...further];
      const tags = named.length > 0 ? named : plan.tags;
      const outcome = await writeArtifact(plan, target, tags, surroundings);
      stdout(
        values.json === true
          ? artifactJson(plan, outcome, { tags })
          : artifactText(`Pushed ${target.label}${tags.length === 0 ? '' : `:${tags.join(', ')}`}`, outcome),
      );
      return printNotes(outcome, surroundings) ? EXIT.partial : EXIT.whole;
    } finally {
      await places.close();
    }
  } finally {
    await plan.close();
  }
}

/** PLACE:TAG,TAG… as oras takes it. Only what can be tags counts: paths may hold commas. */
function splitTags(text: string): { readonly place: string; readonly tags: readonly string[] } {
  const parts = text.split(',');
  let first = parts.length;
  while (first > 1 && isTag(parts[first - 1] ?? '')) first -= 1;
  const head = parts.slice(0, first).join(',');
  // The first tag stands behind the place's last colon.
  const colon = head.lastIndexOf(':');
  if (first === parts.length || !isTag(head.slice(colon + 1)) || colon < 1) return { place: text, tags: [] };
  return { place: head, tags: parts.slice(first) };
}

function readImageSpec(text: string | undefined): '1.0' | '1.1' | undefined {
  if (text === undefined) return undefined;
  if (Object.hasOwn(IMAGE_SPECS, text)) return IMAGE_SPECS[text as keyof typeof IMAGE_SPECS];
  throw new UsageError(`--image-spec is v1.0 or v1.1, not “${displayText(text)}”.`);
}
