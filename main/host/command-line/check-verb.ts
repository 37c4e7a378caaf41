import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import { isSound } from '../../layout/check-layout.ts';
import { checkLayoutAt } from '../../layout/check-layout-at.ts';
import { repairLayout } from '../../layout/repair-layout.ts';
import { checkJson, checkText, type CheckedLayout } from './check-report.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { layoutLocation } from './layout-argument.ts';
import { createProgressLine } from './progress-line.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface CheckArguments {
  readonly location: string;
  readonly json: boolean;
  readonly repair: boolean;
  readonly index: 'previous' | 'rebuild' | undefined;
}

/** `tallyman check LAYOUT`: reads all content of a layout and says what is wrong; with `--repair` moves the damaged aside. */
export async function runCheck(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseCheckArguments(arguments_, surroundings);
  const checked = await check(asked, surroundings);
  surroundings.stdout(asked.json ? `${toSafeJson(checkJson(checked))}\n` : checkText(checked));
  return isSound(checked.condition.check) ? EXIT.whole : EXIT.partial;
}

async function check(
  { location, repair, index }: CheckArguments,
  surroundings: Surroundings,
): Promise<CheckedLayout> {
  const line = createProgressLine(surroundings);
  const options = {
    signal: surroundings.signal,
    onProgress: (bytes: number) => line.show(`Checking: ${formatSize(bytes)} read`),
  };
  try {
    if (!repair) return { condition: await checkLayoutAt(location, options) };
    const { condition, ...done } = await repairLayout(location, {
      ...options,
      ...(index === undefined ? {} : { index }),
    });
    return { condition, repair: done };
  } finally {
    line.clear();
  }
}

function parseCheckArguments(arguments_: readonly string[], surroundings: Surroundings): CheckArguments {
  const { values, positionals } = parseWords(arguments_, {
    json: { type: 'boolean' },
    repair: { type: 'boolean' },
    index: { type: 'string' },
  });
  const { index, repair = false, json = false } = values;
  if (index !== undefined && index !== 'previous' && index !== 'rebuild')
    throw new UsageError(`--index is “previous” or “rebuild”, not “${displayText(index)}”.`);
  if (index !== undefined && !repair) throw new UsageError('--index goes with --repair.');
  return { location: layoutLocation(positionals, surroundings), json, repair, index };
}
