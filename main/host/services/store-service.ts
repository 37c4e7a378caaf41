import type { GarbageReport, LayoutReading, LayoutReport } from '../../../shared/contract/store.ts';
import { LISTED_LIMIT } from '../../../shared/contract/store-words.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { checkLayoutAt, type LayoutCondition } from '../../layout/check-layout-at.ts';
import type { Garbage, GarbageReport as FoundGarbage } from '../../layout/garbage.ts';
import { countStored } from '../../layout/measure-layout.ts';
import { openLayoutStorage } from '../../layout/open-layout.ts';
import { repairLayout } from '../../layout/repair-layout.ts';
import { createLayout, openLayoutForWriting } from '../../layout/write-layout.ts';
import type { HandlersOf, Immutable } from '../handlers.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { KnownLayout, SourceList } from '../sources/source-list.ts';

/** Rows in one step of a measurement. */
const ROWS_PER_STEP = 500;
/** Rows of which a measurement tells; all count. */
const ROWS_TOLD = 10_000;
/** Least time between two steps that say how far reading is, in milliseconds. */
const STEP_PAUSE_MS = 100;

export interface StoreServiceOptions {
  readonly sources: SourceList;
  readonly targets: OpenTargets;
}

/** Layouts as a whole: how large they are, whether they are sound, and what in them can go. */
export function createStoreService({
  sources,
  targets,
}: StoreServiceOptions): HandlersOf<
  'store.measure' | 'store.check' | 'store.repair' | 'store.findGarbage' | 'store.collectGarbage'
> {
  /** The layout behind a source; the local store is made when it is not there yet. */
  const layoutOf = async (source: string): Promise<KnownLayout> => {
    const known = await sources.get(source);
    if (known.kind === 'registry') {
      throw new TallymanError({
        code: 'UNSUPPORTED',
        message: `${known.source.label} is a registry, not a layout on this machine.`,
        hint: 'Choose the local store or an opened layout folder.',
      });
    }
    if (known.kind === 'local') await (await createLayout(known.path)).close();
    return known;
  };

  const clean = async (
    input: {
      readonly source: string;
      readonly grace: number;
      readonly keepReferrers: boolean;
      readonly sparse: boolean;
    },
    signal: AbortSignal,
    what: 'findGarbage' | 'collectGarbage',
  ): Promise<GarbageReport> => {
    const { path } = await layoutOf(input.source);
    const writer = await openLayoutForWriting(path, { signal });
    try {
      const { grace, keepReferrers, sparse } = input;
      return describeGarbage(await writer[what]({ signal, grace, keepReferrers, sparse }));
    } finally {
      await writer.close();
    }
  };

  return {
    async 'store.measure'({ source }, { signal, step }) {
      await layoutOf(source);
      const layout = await targets.layout(source, signal);
      const { logical, unique, stored, missing, unreadable, rows } = await layout.measure({
        signal,
        onProgress: paced((blobs) => step({ blobs })),
      });
      for (let start = 0; start < Math.min(rows.length, ROWS_TOLD); start += ROWS_PER_STEP)
        step({ rows: rows.slice(start, Math.min(start + ROWS_PER_STEP, ROWS_TOLD)) });
      return { logical, unique, stored, missing, unreadable, rows: rows.length };
    },

    async 'store.check'({ source }, { signal, step }) {
      const { path } = await layoutOf(source);
      const of = await bytesIn(path, signal);
      return describeCondition(
        await checkLayoutAt(path, { signal, onProgress: paced((bytes) => step({ bytes, of })) }),
      );
    },

    async 'store.repair'({ source, index }, { signal, step }) {
      const { path } = await layoutOf(source);
      // Everything is read twice: to find what is damaged, and to say what is left.
      const of = 2 * (await bytesIn(path, signal));
      const {
        quarantined,
        index: became,
        condition,
      } = await repairLayout(path, {
        signal,
        onProgress: paced(overSeveralReadings((bytes) => step({ bytes, of }))),
        ...(index === undefined ? {} : { index }),
      });
      return { quarantined, index: became, report: describeCondition(condition) };
    },

    'store.findGarbage': (input, { signal }) => clean(input, signal, 'findGarbage'),
    'store.collectGarbage': (input, { signal }) => clean(input, signal, 'collectGarbage'),
  };
}

async function bytesIn(path: string, signal: AbortSignal): Promise<number> {
  const storage = await openLayoutStorage(path, { signal });
  try {
    return (await countStored(storage, { signal })).bytes;
  } finally {
    await storage.close();
  }
}

/** Lets at most ten values a second through: a step for every piece that is read would be all that the window does. */
function paced(tell: (value: number) => void): (value: number) => void {
  let last = 0;
  return (value) => {
    const now = performance.now();
    if (now - last < STEP_PAUSE_MS) return;
    last = now;
    tell(value);
  };
}

/** Adds up readings that each count from zero. */
function overSeveralReadings(tell: (reading: LayoutReading['bytes']) => void): (bytes: number) => void {
  let before = 0;
  let last = 0;
  return (bytes) => {
    if (bytes < last) before += last;
    last = bytes;
    tell(before + bytes);
  };
}

function describeCondition({
  kind,
  check,
  quarantine,
  hasPreviousIndex,
}: LayoutCondition): Immutable<LayoutReport> {
  const counts = new Map<LayoutReport['problems'][number]['kind'], number>();
  for (const problem of check.problems) counts.set(problem.kind, (counts.get(problem.kind) ?? 0) + 1);
  return {
    kind,
    blobs: check.blobs,
    bytes: check.bytes,
    problems: check.problems.slice(0, LISTED_LIMIT).map((problem) => ({
      ...problem,
      namedBy: problem.namedBy.slice(0, NAMED_BY_LIMIT),
    })),
    problemCounts: [...counts].map(([of, count]) => ({ kind: of, count })),
    orphans: {
      count: check.orphans.length,
      bytes: sum(check.orphans),
      largest: largest(check.orphans),
    },
    unchecked: check.unchecked.length,
    quarantine: { count: quarantine.length, bytes: sum(quarantine) },
    hasPreviousIndex,
  };
}

/** Manifests that a problem names as those that name its digest. */
const NAMED_BY_LIMIT = 20;

function describeGarbage(report: FoundGarbage): GarbageReport {
  const { garbage, ...counted } = report;
  return { ...counted, garbage: largest(garbage), garbageBlobs: garbage.length };
}

function largest(blobs: readonly Garbage[]): { digest: string; size: number }[] {
  return [...blobs].sort((a, b) => b.size - a.size).slice(0, LISTED_LIMIT);
}

function sum(sized: readonly { readonly size: number }[]): number {
  return sized.reduce((total, { size }) => total + size, 0);
}
