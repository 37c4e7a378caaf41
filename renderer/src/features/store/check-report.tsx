import { useMemo } from 'react';
import type { JSX } from 'react';
import type { LayoutProblem, LayoutReport } from '../../../../shared/contract/store.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { Digest } from '../../ui/digest.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Size } from '../../ui/size.tsx';
import { Outcome } from './outcome.tsx';
import { PROBLEM_WORDS, countOf, isRepairable, isSound, problemWords } from './report-words.ts';
import styles from './store.module.css';

interface CheckReportProps {
  readonly report: LayoutReport;
  readonly quarantined?: number;
  readonly index?: 'kept' | 'previous' | 'rebuilt';
}

/** What a check found, the worst first, and what that means. */
export function CheckReport({ report, quarantined, index }: CheckReportProps): JSX.Element {
  const sound = isSound(report);
  const wrong = report.problemCounts.filter(({ kind }) => kind !== 'foreign');
  const read = `${countOf(report.blobs, 'blob')}, ${formatSize(report.bytes)} read`;
  return (
    <>
      {quarantined !== undefined && (
        <Outcome tone="good" title={repairedWords(quarantined, index)}>
          What a check says now stands below.
        </Outcome>
      )}
      {sound ? (
        <Outcome
          tone="good"
          title={report.blobs === 0 ? 'It is empty, and nothing is wrong' : 'Everything is whole'}
        >
          {read}: every digest matches, and everything that is named is there.
        </Outcome>
      ) : (
        <Outcome tone="bad" title={wrong.map(({ kind, count }) => problemWords(kind, count)).join(', ')}>
          {read}.{' '}
          {report.kind === 'archive'
            ? 'An archive is not repaired: get it again from where it was made.'
            : isRepairable(report)
              ? 'A repair puts aside what is damaged; nothing is deleted.'
              : 'A repair would not help.'}
        </Outcome>
      )}
      <Problems report={report} />
      <p className={styles['dim']}>
        {[
          report.orphans.count > 0
            ? `${countOf(report.orphans.count, 'blob')} (${formatSize(report.orphans.bytes)}) nothing leads to: not wrong, and a clean-up can take ${report.orphans.count === 1 ? 'it' : 'them'}.`
            : '',
          report.unchecked > 0
            ? `${countOf(report.unchecked, 'file')} among the blobs could not be judged.`
            : '',
          report.quarantine.count > 0
            ? `${countOf(report.quarantine.count, 'file')} (${formatSize(report.quarantine.bytes)}) in quarantine.`
            : '',
        ]
          .filter((line) => line !== '')
          .join(' ')}
      </p>
    </>
  );
}

function repairedWords(quarantined: number, index: CheckReportProps['index']): string {
  const moved = `${countOf(quarantined, 'blob')} moved into quarantine`;
  if (index === undefined || index === 'kept') return moved;
  const replaced =
    index === 'previous' ? 'the last index.json is back' : 'index.json was made again from the manifests';
  return quarantined === 0 ? `Repaired: ${replaced}` : `${moved}; ${replaced}`;
}

function Problems({ report }: { readonly report: LayoutReport }): JSX.Element | null {
  const groups = useMemo(() => {
    const byKind = new Map<LayoutProblem['kind'], LayoutProblem[]>();
    for (const problem of report.problems) {
      const group = byKind.get(problem.kind);
      if (group === undefined) byKind.set(problem.kind, [problem]);
      else group.push(problem);
    }
    return [...byKind];
  }, [report]);
  if (groups.length === 0) return null;
  return (
    <div className={styles['list']} role="group" aria-label="What was found" tabIndex={0}>
      {groups.map(([kind, problems]) => {
        const all = report.problemCounts.find((each) => each.kind === kind)?.count ?? problems.length;
        return (
          <section key={kind} className={styles['group']}>
            <h3>{problemWords(kind, all)}</h3>
            <p className={styles['dim']}>{PROBLEM_WORDS[kind].means}</p>
            <ul>
              {problems.map((problem, at) => (
                <li key={at} className={styles['problem']}>
                  <ProblemLine problem={problem} />
                </li>
              ))}
            </ul>
            {all > problems.length && (
              <p className={styles['more']}>and {(all - problems.length).toLocaleString('en')} more</p>
            )}
          </section>
        );
      })}
    </div>
  );
}

function ProblemLine({
  problem: { digest, size, namedBy, error },
}: {
  readonly problem: LayoutProblem;
}): JSX.Element {
  return (
    <>
      {digest === undefined ? (
        <ForeignText className={styles['what']} text={error.message} />
      ) : (
        <span className={styles['what']} title={error.message}>
          <Digest digest={digest} copy />
          {namedBy[0] !== undefined && (
            <span className={styles['dim']}>
              {' '}
              in <Digest digest={namedBy[0]} />
              {namedBy.length > 1 && ` and ${(namedBy.length - 1).toLocaleString('en')} more`}
            </span>
          )}
        </span>
      )}
      {size !== undefined && <Size bytes={size} />}
    </>
  );
}
