import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/** What is wrong with a line of YAML, as the end of a sentence. */
export function malformedYaml(line: number, why: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The YAML cannot be read at line ${line}: ${why}.`,
    hint: 'Tallyman reads the plain part of YAML only. Write it simpler, or push with helm.',
    details: { line },
  });
}

/** A name twice in one map. */
export function ambiguousYaml(line: number): TallymanError {
  return new TallymanError({
    code: 'AMBIGUOUS',
    message: `The YAML has a name twice, at line ${line} for the second time.`,
    hint: 'Take one of them out: programs take different ones.',
    details: { line },
  });
}
