import type { Digest } from '../../shared/oci/digest.ts';
import type { ReferrersAnswer, ReferrersSource, TargetOptions } from '../content/target.ts';
import { cancelled } from '../content/task-pool.ts';
import type { LayoutIndex } from './layout-index.ts';
import { scanReferrers, type ReferrersScan, type ScanOptions } from './referrers-scan.ts';
import type { ScannedManifest } from './scanned-manifest.ts';

/** A scan in which something failed is made again after this time: the file may be back. */
const FAILED_SCAN_LIFE_MS = 5_000;

interface RunningScan {
  readonly stamp: string;
  readonly result: Promise<ReferrersScan>;
  /** Stops it when nobody waits any more. */
  readonly controller: AbortController;
  waiting: number;
  ended: boolean;
  /** Set when it ended with failures: the time until which it is good. */
  goodUntil?: number;
}

export interface LayoutReferrersOptions {
  readonly readIndex: (
    signal: AbortSignal,
  ) => Promise<{ readonly stamp: string; readonly index: LayoutIndex }>;
  readonly fetch: ScanOptions['fetch'];
}

/**
 * Referrers of a layout: by reading its manifests, once for all subjects, and again only what is new when `index.json`
 * changed.
 */
export class LayoutReferrers implements ReferrersSource {
  readonly name = 'layout-link';
  readonly #options: LayoutReferrersOptions;
  readonly #known = new Map<Digest, ScannedManifest>();
  #scan: RunningScan | undefined;

  constructor(options: LayoutReferrersOptions) {
    this.#options = options;
  }

  async list(subject: Digest, { signal }: TargetOptions): Promise<ReferrersAnswer> {
    const { stamp, index } = await this.#options.readIndex(signal);
    const scan = this.#current(stamp) ?? this.#start(stamp, index);
    const { bySubject, failures } = await waitFor(scan, signal);
    const referrers = bySubject.get(subject) ?? [];
    return failures.length === 0
      ? { outcome: 'listed', referrers }
      : { outcome: 'listed', referrers, failures };
  }

  #current(stamp: string): RunningScan | undefined {
    const scan = this.#scan;
    if (scan?.stamp !== stamp || scan.controller.signal.aborted) return undefined;
    return scan.goodUntil !== undefined && scan.goodUntil < Date.now() ? undefined : scan;
  }

  #start(stamp: string, index: LayoutIndex): RunningScan {
    const controller = new AbortController();
    const result = scanReferrers(index, {
      known: this.#known,
      fetch: this.#options.fetch,
      signal: controller.signal,
    });
    const scan: RunningScan = { stamp, result, controller, waiting: 0, ended: false };
    result.then(
      ({ failures }) => {
        scan.ended = true;
        if (failures.length > 0) scan.goodUntil = Date.now() + FAILED_SCAN_LIFE_MS;
      },
      () => {
        if (this.#scan === scan) this.#scan = undefined;
      },
    );
    this.#scan = scan;
    return scan;
  }
}

/** The result of a scan that others may wait for as well: giving up stops it only when nobody is left. */
async function waitFor(scan: RunningScan, signal: AbortSignal): Promise<ReferrersScan> {
  if (signal.aborted) throw cancelled();
  scan.waiting += 1;
  let giveUp = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      giveUp = (): void => reject(cancelled());
      signal.addEventListener('abort', giveUp, { once: true });
      scan.result.then(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', giveUp);
    scan.waiting -= 1;
    if (scan.waiting === 0 && !scan.ended) scan.controller.abort();
  }
}
