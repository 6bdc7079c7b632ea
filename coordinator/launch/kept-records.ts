import { Retention, type Spill } from '../../stream/reliable/index.js';

/** In memory, for each federate that a worker holds; beyond it the oldest goes to files. */
export const KEPT_RECORD_BYTES = 2 ** 26;

export interface KeptReader {
  /** Undefined where there is none yet. */
  next(): { readonly endStep: number; readonly message: Uint8Array } | undefined;
  end(): void;
}

/**
 * What a federate has recorded and sent, as messages, until it is kept elsewhere: a coordinator that comes back is sent it again.
 * Memory is bounded where there is a spill.
 */
export class KeptRecords {
  readonly #archive: ReturnType<Retention['archive']>;
  readonly #retention: Retention;
  #endStep: number;

  /** @param startStep Where the first record begins. */
  constructor(startStep: number, spill?: Spill, memoryBytes = KEPT_RECORD_BYTES) {
    this.#retention = new Retention({ memoryBytes, spill });
    this.#archive = this.#retention.archive(startStep, 1);
    this.#endStep = startStep;
  }

  /** In memory and on disk. */
  get bytes(): number {
    return this.#archive.memoryBytes + this.#archive.spilledBytes;
  }

  /**
   * @param endStep Of the record, not less than that of the one before
   * @throws RunError SPILL_FAILED
   */
  keep(endStep: number, message: Uint8Array): void {
    this.#archive.append({ beginNs: this.#endStep, endNs: endStep, core: message });
    this.#endStep = endStep;
    this.#retention.check();
  }

  /** What ends at or before this step is kept elsewhere. */
  forgetUntil(step: number): void {
    this.#archive.dropUntil(step);
  }

  /** What ends after this step, in its order, also while more is kept. There is one at a time: `end` it when all is read that is wanted. */
  read(step: number): KeptReader {
    const reader = this.#archive.read(step);
    return {
      next: () => {
        const kept = reader.peek();
        if (kept === undefined) return undefined;
        reader.skip();
        return { endStep: kept.endNs, message: kept.core.slice() };
      },
      end: () => this.#archive.endReading(),
    };
  }
}
