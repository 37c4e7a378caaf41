import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Referrers on each level: every one of a level has as many below it as divide evenly. */
const LEVELS = [10, 30, 60] as const;

export const REFERRER_LEVELS = LEVELS.length;
export const REFERRERS = LEVELS.reduce((sum, count) => sum + count, 0);

/** Pushes an artifact and its referrers with oras; answers the digest of the first. */
export async function pushReferrers(oras: string, host: string, work: string): Promise<string> {
  const folder = path.join(work, 'referrers');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'root.txt'), 'the subject');
  const repository = `${host}/bench/app`;
  const digestOf = (answer: { readonly stdout: string }): string =>
    (JSON.parse(answer.stdout) as { readonly digest: string }).digest;
  const root = digestOf(
    await run(
      oras,
      ['push', '--plain-http', '--format', 'json', `${repository}:1.0.0`, 'root.txt:text/plain'],
      { cwd: folder },
    ),
  );
  let subjects = [root];
  for (const [level, count] of LEVELS.entries()) {
    const next: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const file = `referrer-${level}-${index}.json`;
      await writeFile(path.join(folder, file), JSON.stringify({ level, index }));
      const subject = subjects[index % subjects.length] ?? root;
      next.push(
        digestOf(
          await run(
            oras,
            [
              'attach',
              '--plain-http',
              '--format',
              'json',
              '--artifact-type',
              'application/vnd.example.note',
              `${repository}@${subject}`,
              `${file}:application/json`,
            ],
            { cwd: folder },
          ),
        ),
      );
    }
    subjects = next;
  }
  return root;
}
