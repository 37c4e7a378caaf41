import type { TargetAddress } from '../../shared/contract/common.ts';
import type { TransferKind } from '../../shared/contract/transfer-words.ts';
import type { TransferPlan, TransferResult } from '../../shared/contract/transfers.ts';
import type { TransferReport } from '../content/transfer-report.ts';

/** What a job is to do: plain JSON without any secret, because the journal keeps it. */
export interface JobRequest {
  readonly kind: TransferKind;
}

/** How a job is called, and what it shares with others; kept in the journal, so that a list needs nothing else. */
export interface JobText {
  /** "Push 3 files". */
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** Where its result can be opened. */
  readonly place?: { readonly target: TargetAddress; readonly reference?: string };
  /** The equal command line. */
  readonly command?: string;
  /** The registries and layouts that it reads and writes: `registry:HOST`, `layout:PATH`. */
  readonly lanes: readonly string[];
}

/** What surrounds the work of one job. */
export interface JobContext {
  /** Aborted by pause, cancel and the end of the program; after that nothing of the job may run on. */
  readonly signal: AbortSignal;
  readonly report: Required<TransferReport>;
  /** An earlier attempt may have finished a part of it: what is there is asked for also where sending it again would cost little. */
  readonly again: boolean;
}

/** A job of which is known what there is to do. */
export interface PreparedJob {
  readonly plan: Omit<TransferPlan, 'command'>;
  /** Does it. Content that is there already is not sent; uploads go on where `report.resumeOf` says. */
  run(context: JobContext): Promise<TransferResult>;
  /** Lets go of what the plan holds, whether it was run or not. */
  close?(): Promise<void>;
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** `show`: a person wants to see what would be done, and what is there already. `run`: running finds that out by itself. */
  readonly purpose: 'show' | 'run';
}

/** Does the work of jobs; the queue knows nothing of what that is. */
export interface JobRunner<Request extends JobRequest> {
  /** Finds out what there is to do. Nothing is written. */
  prepare(request: Request, options: PrepareOptions): Promise<PreparedJob>;
  /**
   * Lets go of uploads and partial files that will not be continued, also those of an earlier run of the program.
   * @param states - what `report.onResumable` was told
   */
  forget(
    request: Request,
    states: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
}
