import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { JobRunner } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { LocalRequest, LocalRequestOf } from './local-request.ts';
import { createCopyRunner } from './run-copy.ts';
import { createPullRunner } from './run-pull.ts';
import { createPushRunner } from './run-push.ts';

type RunnerTable = {
  readonly [Kind in LocalRequest['kind']]?: JobRunner<LocalRequestOf<Kind>>;
};

/** What does the work of each kind of job. */
export function createJobRunner(targets: OpenTargets): JobRunner<LocalRequest> {
  const push = createPushRunner(targets);
  const runners: RunnerTable = {
    push,
    attach: push,
    pull: createPullRunner(targets),
    copy: createCopyRunner(targets),
  };
  const runnerOf = ({ kind }: LocalRequest): JobRunner<LocalRequest> => {
    const runner = runners[kind] as JobRunner<LocalRequest> | undefined;
    if (runner !== undefined) return runner;
    throw new TallymanError({ code: 'UNSUPPORTED', message: `This Tallyman cannot ${kind} yet.` });
  };
  return {
    prepare: async (request, options) => runnerOf(request).prepare(request, options),
    forget: async (request, states, options) => runnerOf(request).forget(request, states, options),
  };
}
