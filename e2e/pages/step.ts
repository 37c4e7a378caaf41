import { test } from '@playwright/test';

/** One action of a person as one step of the report; a failure inside it points to the line of the spec. */
export function step<Result>(title: string, action: () => Promise<Result>): Promise<Result> {
  return test.step(title, action, { box: true });
}
