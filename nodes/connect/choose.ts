import { keyHigh, keyLow, mulHigh, philox, type Stream } from '../random/index.js';

/**
 * Draws whole numbers below a limit for one entity after the other: the d-th candidate of entity (c1, c2, c3) is the
 * multiply-shift of word d mod 4 at counter (d / 4, c1, c2, c3).
 */
export class Chooser {
  private readonly words = new Uint32Array(4);
  private readonly k0: number;
  private readonly k1: number;
  private readonly seen: Uint32Array;
  private mark = 0;

  /** @param choices most numbers that an entity chooses from */
  constructor(seed: number, stream: Stream, choices: number, distinct: boolean) {
    this.k0 = keyLow(seed);
    this.k1 = keyHigh(seed, stream);
    this.seen = new Uint32Array(distinct ? choices : 0);
  }

  /** Writes `count` numbers below `choices` to `out` from `at` on, with replacement. */
  any(
    out: Uint32Array,
    at: number,
    count: number,
    choices: number,
    c1: number,
    c2: number,
    c3: number,
  ): void {
    const { words, k0, k1 } = this;
    for (let d = 0; d < count; d += 4) {
      philox(words, k0, k1, d >>> 2, c1, c2, c3);
      const lanes = Math.min(4, count - d);
      for (let lane = 0; lane < lanes; lane++) out[at + d + lane] = mulHigh(words[lane], choices);
    }
  }

  /**
   * The same without replacement: candidates that came before are passed over. Where more than half are wanted, those left out are drawn
   * instead, and the others come in ascending order.
   */
  distinct(
    out: Uint32Array,
    at: number,
    count: number,
    choices: number,
    c1: number,
    c2: number,
    c3: number,
  ): void {
    if (count * 2 <= choices) {
      this.markDistinct(out, at, count, choices, c1, c2, c3);
      return;
    }
    this.markDistinct(undefined, 0, choices - count, choices, c1, c2, c3);
    const { seen, mark } = this;
    for (let i = 0, place = at; i < choices; i++) if (seen[i] !== mark) out[place++] = i;
  }

  private markDistinct(
    out: Uint32Array | undefined,
    at: number,
    count: number,
    choices: number,
    c1: number,
    c2: number,
    c3: number,
  ): void {
    const { words, seen, k0, k1 } = this;
    const mark = this.nextMark();
    let found = 0;
    for (let block = 0; found < count; block++) {
      philox(words, k0, k1, block, c1, c2, c3);
      for (let lane = 0; lane < 4 && found < count; lane++) {
        const candidate = mulHigh(words[lane], choices);
        if (seen[candidate] === mark) continue;
        seen[candidate] = mark;
        if (out !== undefined) out[at + found] = candidate;
        found++;
      }
    }
  }

  private nextMark(): number {
    if (this.mark === 0xffffffff) {
      this.seen.fill(0);
      this.mark = 0;
    }
    this.mark++;
    return this.mark;
  }
}
