import { displayText } from '../../../shared/display/display-text.ts';
import { isSound, type LayoutProblem } from '../../layout/check-layout.ts';
import type { LayoutCondition } from '../../layout/check-layout-at.ts';
import type { RepairReport } from '../../layout/repair-layout.ts';
import { contentTable, countOf, type ContentRow } from './content-table.ts';

/** What a check found, and what a repair did before, where there was one. */
export interface CheckedLayout {
  readonly condition: LayoutCondition;
  readonly repair?: Pick<RepairReport, 'quarantined' | 'index'>;
}

type ProblemKind = LayoutProblem['kind'];

/** Every kind of problem in the order in which it matters, with the word of the table. */
const WORDS: Readonly<Record<ProblemKind, string>> = {
  index: 'index',
  entry: 'entry',
  corrupt: 'corrupt',
  'no-file': 'no file',
  unreadable: 'unreadable',
  manifest: 'malformed',
  size: 'wrong size',
  missing: 'missing',
  foreign: 'elsewhere',
};

const ORDER = Object.keys(WORDS);

/** Manifests named below a problem; the rest is counted. */
const NAMED_BY_LIMIT = 3;

/** What `check --json` prints. */
export function checkJson({ condition, repair }: CheckedLayout): unknown {
  const { path, kind, check, quarantine, hasPreviousIndex } = condition;
  return {
    path,
    kind,
    sound: isSound(check),
    ...check,
    quarantine,
    hasPreviousIndex,
    ...(repair === undefined ? {} : { repair }),
  };
}

/** The same for people. */
export function checkText({ condition, repair }: CheckedLayout): string {
  const { path, kind, check, quarantine } = condition;
  const parts = [
    `${displayText(path)}: ${countOf(check.blobs, 'blob', check.bytes)} read${kind === 'archive' ? ' in the archive' : ''}\n`,
  ];
  const section = (title: string, rows: readonly ContentRow[]): void => {
    if (rows.length > 0) parts.push(`\n${title}\n${contentTable(rows)}`);
  };
  const problems = [...check.problems].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  section('Problems', problems.map(problemRow));
  const orphans = [...check.orphans].sort((a, b) => b.size - a.size);
  section(
    `Not reached from index.json: ${countOf(orphans.length, 'blob', sum(orphans))}. ${
      isSound(check) ? 'Garbage collection may take it.' : 'What cannot be read may need some of it.'
    }`,
    orphans.map(({ digest, size }) => ({ name: digest, size })),
  );
  section(
    `Not checked, because it is no blob of a known algorithm: ${countOf(check.unchecked.length, 'file')}`,
    check.unchecked.map((name) => ({ name })),
  );
  section(
    `In quarantine (.tallyman/quarantine): ${countOf(quarantine.length, 'file', sum(quarantine))}. Nothing needs it; look at it, then remove it.`,
    quarantine.map(({ name, size }) => ({ name, size })),
  );
  parts.push('\n', ...repairLines(repair), `${verdict(problems)}\n`, ...advice(condition, repair));
  return parts.join('');
}

function problemRow({ kind, digest, size, namedBy, error }: LayoutProblem): ContentRow {
  const known = kind === 'missing' || kind === 'foreign' || kind === 'corrupt';
  const named = namedBy.slice(0, NAMED_BY_LIMIT).map((manifest) => `named by ${manifest}`);
  if (namedBy.length > NAMED_BY_LIMIT) named.push(`and by ${namedBy.length - NAMED_BY_LIMIT} more`);
  return {
    word: WORDS[kind],
    ...(size === undefined ? {} : { size }),
    name: digest ?? error.message,
    notes: [...(digest === undefined || known ? [] : [error.message]), ...named],
  };
}

function verdict(problems: readonly LayoutProblem[]): string {
  const counts = new Map<ProblemKind, number>();
  for (const { kind } of problems) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const elsewhere = counts.get('foreign') ?? 0;
  const wrong = problems.length - elsewhere;
  const meant = elsewhere === 0 ? '' : ` ${countOf(elsewhere, 'layer')} is meant to lie elsewhere.`;
  if (wrong === 0) return `Nothing is wrong.${meant.replace('layers is', 'layers are')}`;
  const kinds = [...counts].filter(([kind]) => kind !== 'foreign');
  const list = kinds.map(([kind, count]) => `${count} ${WORDS[kind]}`).join(', ');
  return `${countOf(wrong, 'problem')}: ${list}.${meant.replace('layers is', 'layers are')}`;
}

function repairLines(repair: CheckedLayout['repair']): readonly string[] {
  if (repair === undefined) return [];
  const index = {
    kept: [],
    previous: [
      'The last index.json that Tallyman wrote is back; a copy of the other one is in quarantine.\n',
    ],
    rebuilt: [
      'index.json lists every whole manifest again, without names; a copy of the old one is in quarantine.\n',
    ],
  }[repair.index];
  const moved = repair.quarantined.length;
  return [
    ...index,
    moved === 0 ? 'Nothing had to be moved aside.\n' : `Moved into quarantine: ${countOf(moved, 'blob')}.\n`,
  ];
}

/** What can be done about it. */
function advice(
  { kind, check, hasPreviousIndex }: LayoutCondition,
  repair: CheckedLayout['repair'],
): string[] {
  const has = (...kinds: readonly ProblemKind[]): boolean =>
    check.problems.some((problem) => kinds.includes(problem.kind));
  const lines: string[] = [];
  if (kind === 'folder' && has('index')) {
    lines.push(
      hasPreviousIndex
        ? 'With --repair --index previous the last index.json that Tallyman wrote takes its place.'
        : 'With --repair --index rebuild index.json lists every whole manifest; all names are lost then.',
    );
  }
  if (kind === 'folder' && repair === undefined && has('corrupt', 'no-file'))
    lines.push('With --repair damaged content is moved aside, so that the right one can take its place.');
  if (has('missing', 'corrupt'))
    lines.push(
      'What is missing or damaged can be stored again from where it came from: copy it here once more.',
    );
  return lines.map((line) => `${line}\n`);
}

function sum(files: readonly { readonly size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
