import { CHECKS } from './checks.mjs';

const STAGES = [...Object.keys(CHECKS), 'unit', 'e2e'];
const USAGE = `Usage: npm test [-- [--only STAGE[,STAGE…]] [words for Vitest or Playwright, with --only unit or e2e]]. Stages: ${STAGES.join(', ')}`;

/**
 * Reads what stands behind `npm test --`.
 *
 * @param {readonly string[]} words
 * @returns {{ stages: readonly string[], rest: readonly string[] } | { complaint: string }}
 */
export function readTestWords(words) {
  if (words.length === 0) return { stages: STAGES, rest: [] };
  if (words[0] !== '--only') return { complaint: USAGE };
  const stages = (words[1] ?? '').split(',');
  if (stages.some((stage) => !STAGES.includes(stage))) return { complaint: USAGE };
  const rest = words.slice(2);
  // The words of one tool mean nothing to another.
  if (rest.length > 0 && (stages.length > 1 || !['unit', 'e2e'].includes(stages[0] ?? '')))
    return { complaint: USAGE };
  return { stages, rest };
}
