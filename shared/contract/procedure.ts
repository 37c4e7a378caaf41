import { z } from 'zod';

/** One procedure that crosses to the renderer: schemas of what goes in, what comes out, and of the steps in between. */
export interface Procedure<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Step extends z.ZodType = z.ZodType,
> {
  readonly input: Input;
  readonly output: Output;
  /** A long answer sends steps before its output. `z.never()` for a plain answer. */
  readonly step: Step;
}

/** A procedure with one answer. */
export function plain<Input extends z.ZodType, Output extends z.ZodType>(
  input: Input,
  output: Output,
): Procedure<Input, Output, z.ZodNever> {
  return { input, output, step: z.never() };
}

/** A procedure whose answer comes in steps. */
export function stream<Input extends z.ZodType, Output extends z.ZodType, Step extends z.ZodType>(
  input: Input,
  output: Output,
  step: Step,
): Procedure<Input, Output, Step> {
  return { input, output, step };
}
