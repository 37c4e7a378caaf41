import { TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';

/** An error with what was being done in front of its message; its code and hint stay. */
export function failureOf(error: unknown, what: string): TallymanError {
  const data = toErrorData(error);
  return new TallymanError({ ...data, message: `${what} failed: ${data.message}` }, { cause: error });
}
