import type { JobRequest } from './job-runner.ts';
import { RUNNING_JOBS_LIMIT, RUNNING_JOBS_PER_PLACE } from './limits.ts';
import type { QueuedJob } from './queued-job.ts';

/** What is looked at of a job. */
type Candidate = Pick<QueuedJob<JobRequest>, 'state' | 'attempt' | 'held' | 'lanes'>;

/** The first waiting job for which there is room, in all and at each of its places; a busy place does not hold up jobs for others. */
export function chooseNext<Job extends Candidate>(jobs: Iterable<Job>): Job | undefined {
  const waiting: Job[] = [];
  const used = new Map<string, number>();
  let running = 0;
  for (const job of jobs) {
    if (job.attempt !== undefined) {
      running += 1;
      for (const lane of new Set(job.lanes)) used.set(lane, (used.get(lane) ?? 0) + 1);
    } else if (job.state === 'waiting' && job.held === 0) {
      waiting.push(job);
    }
  }
  if (running >= RUNNING_JOBS_LIMIT) return undefined;
  return waiting.find(({ lanes }) => lanes.every((lane) => (used.get(lane) ?? 0) < RUNNING_JOBS_PER_PLACE));
}
