import type { TargetOptions } from '../content/target.ts';
import type { ManifestsWritten } from '../content/target-writer.ts';
import type { NewManifest } from './checked-manifest.ts';

/** Manifests in one change of `index.json`: all of them are in memory. */
const WAVE_SIZE = 500;

interface WaitingManifests {
  readonly manifests: readonly NewManifest[];
  readonly signal: AbortSignal;
  readonly resolve: (written: ManifestsWritten) => void;
  readonly reject: (error: unknown) => void;
}

type Put = (manifests: readonly NewManifest[], options: TargetOptions) => Promise<ManifestsWritten>;

/** What is asked to be written while `index.json` is being changed goes into one next change. */
export class ManifestWaves {
  readonly #put: Put;
  #waiting: WaitingManifests[] = [];
  #running = false;

  constructor(put: Put) {
    this.#put = put;
  }

  write(manifests: readonly NewManifest[], signal: AbortSignal): Promise<ManifestsWritten> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ manifests, signal, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#writeWave(this.#takeWave());
    this.#running = false;
  }

  #takeWave(): readonly WaitingManifests[] {
    let count = 0;
    let end = 0;
    for (const { manifests } of this.#waiting) {
      if (end > 0 && count + manifests.length > WAVE_SIZE) break;
      count += manifests.length;
      end += 1;
    }
    const wave = this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(end);
    return wave;
  }

  /** One that fails must not fail the others: each is then written alone. */
  async #writeWave(wave: readonly WaitingManifests[]): Promise<void> {
    if (wave.length > 1) {
      try {
        const signal = AbortSignal.any(wave.map((waiting) => waiting.signal));
        const { descriptors, notes } = await this.#put(
          wave.flatMap(({ manifests }) => manifests),
          { signal },
        );
        let start = 0;
        for (const [position, { manifests, resolve }] of wave.entries()) {
          const own = descriptors.slice(start, start + manifests.length);
          // Notes do not say whose they are: they are told once.
          resolve({ descriptors: own, notes: position === 0 ? notes : [] });
          start += manifests.length;
        }
        return;
      } catch {
        // Whose fault it is shows below.
      }
    }
    for (const { manifests, signal, resolve, reject } of wave) {
      await this.#put(manifests, { signal }).then(resolve, reject);
    }
  }
}
