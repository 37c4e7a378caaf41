import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { executeDelete } from '../../content/execute-delete.ts';
import { planDelete } from '../../content/plan-delete.ts';
import { deletedText, deletePlanJson, deletePlanText, unseenText } from './delete-report.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { createProgressLine } from './progress-line.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { workOnPlace } from './write-to-place.ts';

interface DeleteArguments {
  readonly place: string;
  readonly referrers: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman delete PLACE`: deletes a manifest with every tag it has, or says with `--plan` what that would mean. */
export async function runDelete(
  arguments_: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const asked = parseDeleteArguments(arguments_);
  const { signal, stdout, stderr } = surroundings;
  return workOnPlace(asked.place, asked.plainHttp, surroundings, async ({ target, reference }, write) => {
    const plan = await planDelete(target, reference, { signal });
    const isSeen = plan.unseen.length === 0;
    if (asked.plan) {
      stdout(asked.json ? `${toSafeJson(deletePlanJson(plan))}\n` : deletePlanText(plan, asked.referrers));
      return isSeen ? EXIT.whole : EXIT.partial;
    }
    const line = createProgressLine(surroundings);
    const all = asked.referrers ? plan.referrers.length + 1 : 1;
    let done = 0;
    try {
      const result = await write((writer) =>
        executeDelete({
          plan,
          writer,
          referrers: asked.referrers,
          signal,
          report: {
            onItem({ state }) {
              if (state === 'done') done += 1;
              line.show(`${done} of ${all} manifests deleted`);
            },
          },
        }),
      );
      line.clear();
      const removed = result.removed.map(({ digest }) => digest);
      stdout(
        asked.json
          ? `${toSafeJson({ ...deletePlanJson(plan), removed, notes: result.notes })}\n`
          : `${deletedText(plan, result)}${unseenText(plan.unseen)}`,
      );
      return isSeen && result.notes.length === 0 ? EXIT.whole : EXIT.partial;
    } catch (error) {
      line.clear();
      if (signal.aborted && isCancellation(error))
        stderr(`tallyman: Stopped; ${done} of ${all} manifests were deleted. Run it again to go on.\n`);
      throw error;
    }
  });
}

function parseDeleteArguments(arguments_: readonly string[]): DeleteArguments {
  const { values, positionals } = parseWords(arguments_, {
    referrers: { type: 'boolean' },
    plan: { type: 'boolean' },
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [place, ...more] = positionals;
  if (place === undefined) throw new UsageError('PLACE is missing: a reference, or the path of a layout.');
  if (more.length > 0)
    throw new UsageError(`One PLACE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  return {
    place,
    referrers: values.referrers === true,
    plan: values.plan === true,
    json: values.json === true,
    plainHttp: values['plain-http'] === true,
  };
}
