import { displayText, quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { workOnPlace } from './write-to-place.ts';

interface UntagArguments {
  readonly place: string;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman untag PLACE`: takes a tag away and leaves what it names. */
export async function runUntag(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseUntagArguments(arguments_);
  const { signal, stdout } = surroundings;
  return workOnPlace(asked.place, asked.plainHttp, surroundings, async ({ target, tag, digest }, write) => {
    if (tag === undefined || digest !== undefined)
      throw new UsageError('Which tag should go? Put :TAG behind the place, and no digest.');
    const before = await target.resolve(tag, { signal });
    if (before === undefined) {
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: `${target.label} has no tag ${quoteText(tag)}.`,
        hint: 'Check the spelling; it may be gone already.',
      });
    }
    await write(async (writer) => {
      if (writer.untag === undefined) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: `${target.label} cannot take a single tag away.`,
          hint: 'Delete the whole digest with every tag it has, or move the tag.',
        });
      }
      await writer.untag(tag, { signal });
    });
    stdout(
      asked.json
        ? `${toSafeJson({ place: target.label, tag, digest: before.digest })}\n`
        : `${displayText(target.label)}: the tag ${displayText(tag)} is gone; ${before.digest} stays.\n`,
    );
    return EXIT.whole;
  });
}

function parseUntagArguments(arguments_: readonly string[]): UntagArguments {
  const { values, positionals } = parseWords(arguments_, {
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [place, ...more] = positionals;
  if (place === undefined)
    throw new UsageError('PLACE is missing: a reference with a tag, or the path of a layout with one.');
  if (more.length > 0)
    throw new UsageError(`One PLACE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  return { place, json: values.json === true, plainHttp: values['plain-http'] === true };
}
