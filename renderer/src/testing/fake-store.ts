import type {
  ProcedureInput,
  ProcedureName,
  ProcedureOutput,
  ProcedureStep,
} from '../../../shared/contract/contract.ts';
import type { LayoutReport, Served } from '../../../shared/contract/store.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { fakeDigest } from './fake-digest.ts';

type StoreProcedure = Extract<ProcedureName, `store.${string}` | `serving.${string}`>;

type StoreHandlers = {
  readonly [Name in StoreProcedure]: (call: {
    readonly input: ProcedureInput<Name>;
    readonly step: (step: ProcedureStep<Name>) => Promise<void>;
  }) => Promise<ProcedureOutput<Name>>;
};

const MEGABYTE = 1_000_000;

/** The invented layouts as a whole: the local store is sound and has garbage, every other one is damaged. */
export function fakeStoreHandlers(changed: (served: Served[]) => void): StoreHandlers {
  let served: Served[] = [];
  const cleaned = new Set<string>();
  const repaired = new Set<string>();

  const garbageOf = (source: string): { digest: string; size: number }[] =>
    cleaned.has(source)
      ? []
      : [48.2, 12.7, 0.9, 0.02].map((size, at) => ({
          digest: fakeDigest(`garbage ${at}`),
          size: size * MEGABYTE,
        }));
  const reportOn = (source: string): LayoutReport => {
    const isSound = source === 'local' || repaired.has(source);
    const problems: LayoutReport['problems'] = [
      {
        kind: 'corrupt',
        digest: fakeDigest('corrupt layer'),
        size: 3.4 * MEGABYTE,
        namedBy: [fakeDigest('team/app 1.8.1')],
        error: {
          code: 'DIGEST_MISMATCH',
          message: `The bytes of ${fakeDigest('corrupt layer')} have another digest.`,
          hint: 'Repair the layout, then get the content again from where it came from.',
        },
      },
      {
        kind: 'missing',
        digest: fakeDigest('missing layer'),
        size: 28.1 * MEGABYTE,
        namedBy: [fakeDigest('team/app 1.8.1'), fakeDigest('team/app 1.8.0')],
        error: {
          code: 'MISSING',
          message: 'It is not there.',
          hint: 'Get it again from where the layout came from.',
        },
      },
    ];
    const shown = isSound ? [] : problems;
    return {
      kind: 'folder',
      blobs: 96,
      bytes: 214 * MEGABYTE,
      problems: shown,
      problemCounts: shown.map(({ kind }) => ({ kind, count: 1 })),
      orphans: {
        count: garbageOf(source).length,
        bytes: 61.82 * MEGABYTE,
        largest: garbageOf(source),
      },
      unchecked: 0,
      quarantine: repaired.has(source) ? { count: 1, bytes: 3.4 * MEGABYTE } : { count: 0, bytes: 0 },
      hasPreviousIndex: true,
    };
  };
  const reading = async (step: (step: { bytes: number; of: number }) => Promise<void>): Promise<void> => {
    for (let part = 1; part <= 8; part += 1)
      await step({ bytes: (part / 8) * 214 * MEGABYTE, of: 214 * MEGABYTE });
  };

  return {
    'store.measure': async ({ step }) => {
      await step({ blobs: 96 });
      await step({
        rows: [
          {
            digest: fakeDigest('team/app 1.8.2'),
            names: ['1.8.2', 'latest'],
            logical: 55.7 * MEGABYTE,
            unique: 3.1 * MEGABYTE,
          },
          {
            digest: fakeDigest('team/app 1.8.1'),
            names: ['1.8.1'],
            logical: 55.6 * MEGABYTE,
            unique: 3.0 * MEGABYTE,
          },
          { digest: fakeDigest('no name'), names: [], logical: 0.4 * MEGABYTE, unique: 0.4 * MEGABYTE },
        ],
      });
      return {
        logical: 411 * MEGABYTE,
        unique: 152.2 * MEGABYTE,
        stored: { blobs: 96, bytes: 214 * MEGABYTE },
        missing: 0,
        unreadable: 0,
        rows: 3,
      };
    },
    'store.check': async ({ input, step }) => {
      await reading(step);
      return reportOn(input.source);
    },
    'store.repair': async ({ input, step }) => {
      await reading(step);
      repaired.add(input.source);
      return {
        quarantined: [fakeDigest('corrupt layer')],
        index: 'kept' as const,
        report: reportOn(input.source),
      };
    },
    'store.findGarbage': ({ input }) => Promise.resolve(garbageReport(garbageOf(input.source), input.grace)),
    'store.collectGarbage': ({ input }) => {
      const report = garbageReport(garbageOf(input.source), input.grace);
      cleaned.add(input.source);
      return Promise.resolve(report);
    },
    'serving.list': () => Promise.resolve({ served }),
    'serving.start': ({ input }) => {
      if (input.port === 80) {
        throw new TallymanError({
          code: 'CONFLICT',
          message: 'Port 80 of 127.0.0.1 is taken by another program.',
          hint: 'Choose another port, or none for any free one.',
        });
      }
      const port = input.port === 0 ? 43_117 : input.port;
      const fresh: Served = {
        source: input.source,
        address: `localhost:${port}`,
        port,
        readOnly: input.readOnly,
        ...(input.token ? { token: 'made-for-this-run' } : {}),
        example: { repository: 'team/app', tag: '1.8.2' },
      };
      served = [...served.filter(({ source }) => source !== input.source), fresh];
      changed(served);
      return Promise.resolve({ served: fresh });
    },
    'serving.stop': ({ input }) => {
      served = served.filter(({ source }) => source !== input.source);
      changed(served);
      return Promise.resolve({});
    },
  };
}

function garbageReport(
  all: { digest: string; size: number }[],
  grace: number,
): ProcedureOutput<'store.findGarbage'> {
  const old = grace > 0 ? all.slice(0, 2) : all;
  const young = grace > 0 ? all.slice(2) : [];
  const sum = (sized: readonly { readonly size: number }[]): number =>
    sized.reduce((total, { size }) => total + size, 0);
  return {
    garbage: old,
    garbageBlobs: old.length,
    garbageBytes: sum(old),
    liveBlobs: 92,
    liveBytes: 152.2 * MEGABYTE,
    youngBlobs: young.length,
    youngBytes: sum(young),
  };
}
