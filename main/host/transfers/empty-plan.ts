import type { PreparedJob } from '../../transfers/job-runner.ts';

/** A plan of which nothing is known yet. */
export const emptyPlan: PreparedJob['plan'] = {
  from: '',
  to: '',
  items: [],
  itemCount: 0,
  manifestCount: 0,
  bytes: 0,
  bytesPresent: 0,
  notes: [],
};
