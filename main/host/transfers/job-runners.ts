import type { JobRunner } from '../../transfers/job-runner.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { LocalRequest, LocalRequestOf } from './local-request.ts';
import { createCopyRunner } from './run-copy.ts';
import { createDeleteRunner } from './run-delete.ts';
import { createExportRunner } from './run-export.ts';
import { createImportRunner } from './run-import.ts';
import { createPullRunner } from './run-pull.ts';
import { createPushRunner } from './run-push.ts';

type RunnerTable = {
  readonly [Kind in LocalRequest['kind']]: JobRunner<LocalRequestOf<Kind>>;
};

/** What does the work of each kind of job. */
export function createJobRunner(targets: OpenTargets): JobRunner<LocalRequest> {
  const push = createPushRunner(targets);
  const runners: RunnerTable = {
    push,
    attach: push,
    pull: createPullRunner(targets),
    copy: createCopyRunner(targets),
    import: createImportRunner(targets),
    export: createExportRunner(targets),
    delete: createDeleteRunner(targets),
  };
  // Each runner is only ever given requests of its own kind.
  const runnerOf = ({ kind }: LocalRequest): JobRunner<LocalRequest> => runners[kind];
  return {
    prepare: (request, options) => runnerOf(request).prepare(request, options),
    forget: (request, states, options) => runnerOf(request).forget(request, states, options),
  };
}
