import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/**
 * A list of names out of an answer. Null and absence are an empty list, as several registries write it.
 * @throws TallymanError PROTOCOL for anything that is no list of strings.
 */
export function readNames(value: unknown, field: string, wanted: string, host: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.every((name): name is string => typeof name === 'string')) return value;
  throw new TallymanError({
    code: 'PROTOCOL',
    message: `${wanted}: ${host} answered with a “${field}” that is no list of names.`,
    hint: 'Report it to whoever runs the registry.',
  });
}
