import { displayText, quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { workOnPlace } from './write-to-place.ts';

interface TagArguments {
  readonly place: string;
  readonly tags: readonly string[];
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman tag PLACE TAG…`: gives what a place names further names. */
export async function runTag(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseTagArguments(arguments_);
  const { signal, stdout } = surroundings;
  return workOnPlace(asked.place, asked.plainHttp, surroundings, async ({ target, reference }, write) => {
    const descriptor = await target.resolve(reference, { signal });
    if (descriptor === undefined) {
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: `${target.label} has no ${quoteText(reference)}.`,
        hint: 'Check the spelling. Registries also say this when an account may not see it.',
      });
    }
    await write(async (writer) => {
      for (const tag of asked.tags) await writer.tag(tag, descriptor, { signal });
    });
    const { digest, mediaType, size } = descriptor;
    stdout(
      asked.json
        ? `${toSafeJson({ place: target.label, digest, mediaType, size, tags: asked.tags })}\n`
        : asked.tags.map((tag) => `${displayText(target.label)}:${tag} is ${digest}\n`).join(''),
    );
    return EXIT.whole;
  });
}

function parseTagArguments(arguments_: readonly string[]): TagArguments {
  const { values, positionals } = parseWords(arguments_, {
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [place, ...tags] = positionals;
  if (place === undefined) throw new UsageError('PLACE is missing: a reference, or the path of a layout.');
  if (tags.length === 0) throw new UsageError('Which tag should it get? TAG is missing.');
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined) {
    throw new UsageError(
      `“${displayText(wrong)}” is no tag: up to 128 letters, digits, “_”, “.” and “-”, of which the last two are no beginning.`,
    );
  }
  return {
    place,
    tags: [...new Set(tags)],
    json: values.json === true,
    plainHttp: values['plain-http'] === true,
  };
}
